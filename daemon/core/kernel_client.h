// SPDX-License-Identifier: Apache-2.0
//
// The driver's side of the model: clients that are no process, over the same Device.

#pragma once

#include <memory>
#include <vector>

#include "daemon/core/device.h"
#include "include/iond/driver.h"

namespace ion {

/// The loop thread only; device outlives it and its clients.
class KernelClients : public DriverHost {
  public:
    /// `generation_a`: heaps are tried in ascending order, and bit 31 of a mask asks for protected content.
    KernelClients(Device& device, bool generation_a) : device_(device), generation_a_(generation_a) {}

    [[nodiscard]] Result<std::unique_ptr<KernelClient>> client_create(std::string_view name,
                                                                      std::uint32_t type_mask) override;
    Result<void> secure_heap(std::uint32_t heap_mask) override;
    Result<void> unsecure_heap(std::uint32_t heap_mask) override;
    [[nodiscard]] std::uint32_t protections(std::uint32_t heap_id) const override;

    /// Start of a worker: stages the end of the former one's clients.
    [[nodiscard]] static std::vector<Record> close_former(const State& former);

  private:
    Device& device_;
    bool generation_a_;
};

}  // namespace ion
