// SPDX-License-Identifier: Apache-2.0
//
// CpHeap: a carveout whose memory can be locked away for protected content, as msm-3.4's CP heap.

#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "heaps/content_protection.h"
#include "heaps/heap_type.h"
#include "heaps/region_heap.h"

namespace ion {

/// How often it has been secured is recorded by the core, which secures a new worker's heap as often.
class CpHeap final : public RegionHeap {
  public:
    CpHeap(std::string name, Parts parts, ContentProtection protection)
        : RegionHeap(std::move(parts)), name_(std::move(name)), protection_(std::move(protection)) {}

    /// Errors besides RegionHeap's: ENOMEM when ContentProtection does not allow it.
    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override;
    [[nodiscard]] Result<std::unique_ptr<Backing>> restore(RestoreRequest request) override;

    /// Cached or not: as the buffer was allocated.
    [[nodiscard]] Result<std::span<std::byte>> map_kernel(const Backing& buffer) override;
    void unmap_kernel(const Backing& buffer, std::span<std::byte> bytes) override;
    [[nodiscard]] Result<void> map_user(const Backing& buffer) override;
    void unmap_user(const Backing& buffer) override;

    [[nodiscard]] bool protects_content() const override { return true; }
    [[nodiscard]] Result<void> secure() override;
    /// Always succeeds; that TrustZone did not unlock is logged.
    [[nodiscard]] Result<void> unsecure() override;

    /// The same in both layouts, as its drivers had it.
    [[nodiscard]] std::string print_debug(DebugLayout layout) const override;

  private:
    class Allocation;

    std::string name_;
    ContentProtection protection_;
};

inline constexpr std::array kCpOptions{
    OptionSpec{.name = "secure_base",
               .kind = OptionKind::kSize,
               .initial = std::uint64_t{0},
               .help = "address from which memory is locked (with secure_size)"},
    OptionSpec{
        .name = "secure_size",
        .kind = OptionKind::kSize,
        .initial = std::uint64_t{0},
        .help = "bytes that are locked, the heap's region included; 0: the region, and an adjacent heap's"},
    OptionSpec{.name = "permission_type",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{0},
               .minimum = 0,
               .maximum = 2,
               .help = "who uses the memory: 0 multimedia, 1 video firmware, 2 display writeback"},
    OptionSpec{.name = "no_nonsecure_alloc",
               .kind = OptionKind::kBoolean,
               .initial = false,
               .help = "only secure and contiguous allocations are served"},
    OptionSpec{.name = "trustzone_version",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{1},
               .minimum = 1,
               .maximum = 2,
               .help = "2 locks multiples of 1 MiB alone"},
    OptionSpec{.name = "lock_error",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{0},
               .minimum = 0,
               .maximum = 133,
               .help = "errno with which TrustZone refuses to lock; 0: it does not"},
    OptionSpec{.name = "unlock_error",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{0},
               .minimum = 0,
               .maximum = 133,
               .help = "errno with which TrustZone refuses to unlock; 0: it does not"},
};

/// Of the parameters' region, alignment and kCpOptions, with a SimulatedTrustZone.
///
/// Errors: EINVAL for a region or an alignment that is none and for a secure range that does not cover the region;
/// else as make_region_parts().
[[nodiscard]] Result<std::unique_ptr<Heap>> make_cp_heap(HeapParameters parameters);

}  // namespace ion
