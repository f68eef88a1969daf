// SPDX-License-Identifier: Apache-2.0
//
// SystemHeap: memory without addresses, straight from the exporters.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "daemon/base/result.h"
#include "heaps/exporter_chain.h"
#include "heaps/heap.h"

namespace ion {

/// Follows the kernel's system heap of generation B: an alignment above a page is EINVAL, a request for more
/// than half of the machine's memory is ENOMEM.
class SystemHeap final : public Heap {
  public:
    /// `total_ram` in bytes.
    SystemHeap(ExporterChain exporters, std::uint64_t total_ram);

    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override;
    [[nodiscard]] Result<std::unique_ptr<Backing>> restore(RestoreRequest request) override;
    [[nodiscard]] HeapUsage usage() const override;
    [[nodiscard]] bool has_addresses() const override { return false; }
    [[nodiscard]] std::string print_debug(DebugLayout layout) const override;

  private:
    class Allocation;

    ExporterChain exporters_;
    std::uint64_t total_ram_;
    std::uint64_t allocated_ = 0;
};

}  // namespace ion
