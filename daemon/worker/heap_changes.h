// SPDX-License-Identifier: Apache-2.0
//
// HeapChanges: brings the served heaps from one configuration to another while they are served.

#pragma once

#include <string>
#include <vector>

#include "daemon/core/device.h"
#include "daemon/host/heap_setup.h"
#include "daemon/worker/checked_configuration.h"

namespace ion {

/// Names of heaps that a change touched.
struct ChangedHeaps {
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<std::string> replaced;  ///< another configuration, or a rebuilt plug-in
};

/// The loop thread only, between requests; device and heaps outlive this. `served` is what the heaps are made of.
class HeapChanges {
  public:
    HeapChanges(Device& device, HeapSet& heaps, CheckedConfiguration served,
                const HeapSurroundings& surroundings, std::atomic<std::uint64_t>& abandoned)
        : device_(device),
          heaps_(heaps),
          served_(std::move(served)),
          surroundings_(surroundings),
          abandoned_(abandoned) {
        apply_rules();
    }

    [[nodiscard]] const CheckedConfiguration& served() const { return served_; }

    /// Makes `next` what is served: all of it or nothing. One commit divides before from after; a heap that is
    /// the same in both is not touched.
    ///
    /// Errors: EBUSY when a heap that would go or change has buffers, naming who holds them; EINVAL when the
    /// personality or the drivers would change; those of make_heap() and of the commit.
    Result<ChangedHeaps> apply(CheckedConfiguration next);

  private:
    struct Plan;

    void apply_rules();
    [[nodiscard]] bool untouched(const CheckedConfiguration& next, const HeapConfig& heap) const;
    [[nodiscard]] Result<Plan> plan(const CheckedConfiguration& next);
    [[nodiscard]] Result<void> require_empty(const HeapConfig& heap);
    [[nodiscard]] std::vector<Record> records_of(const Plan& plan, const CheckedConfiguration& next) const;

    Device& device_;
    HeapSet& heaps_;
    CheckedConfiguration served_;
    HeapSurroundings surroundings_;
    std::atomic<std::uint64_t>& abandoned_;
};

}  // namespace ion
