// SPDX-License-Identifier: Apache-2.0

#include "heaps/cp_heap.h"

#include <fmt/format.h>

#include "daemon/base/checked_math.h"
#include "daemon/base/log.h"
#include "heaps/first_fit_placer.h"
#include "heaps/heap_parts.h"
#include "heaps/simulated_trust_zone.h"

namespace ion {

/// One of RegionHeap's, and how the daemon maps it.
class CpHeap::Allocation final : public Backing {
  public:
    Allocation(std::unique_ptr<Backing> place, bool cached) : place_(std::move(place)), cached_(cached) {}

    [[nodiscard]] const Memory& memory() const override { return place_->memory(); }
    [[nodiscard]] std::uint64_t size() const override { return place_->size(); }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return place_->placement(); }

    /// `buffer` is one of this heap's (Heap's promise).
    static bool is_cached(const Backing& buffer) { return static_cast<const Allocation&>(buffer).cached_; }

    static Result<std::unique_ptr<Backing>> wrap(Result<std::unique_ptr<Backing>> place,
                                                 std::uint32_t flags) {
        if (!place) {
            return place.error();
        }
        return std::unique_ptr<Backing>(
            std::make_unique<Allocation>(*std::move(place), (flags & kFlagCached) != 0));
    }

  private:
    std::unique_ptr<Backing> place_;
    bool cached_;
};

Result<std::unique_ptr<Backing>> CpHeap::allocate(const HeapRequest& request) {
    if (auto allowed = protection_.may_allocate(request.flags); !allowed) {
        return allowed.error();
    }
    return Allocation::wrap(RegionHeap::allocate(request), request.flags);
}

Result<std::unique_ptr<Backing>> CpHeap::restore(RestoreRequest request) {
    const std::uint32_t flags = request.request.flags;
    return Allocation::wrap(RegionHeap::restore(std::move(request)), flags);
}

Result<std::span<std::byte>> CpHeap::map_kernel(const Backing& buffer) {
    const bool cached = Allocation::is_cached(buffer);
    if (auto allowed = protection_.may_map_kernel(cached); !allowed) {
        return allowed.error();
    }
    auto bytes = RegionHeap::map_kernel(buffer);
    if (bytes) {
        protection_.kernel_mapped(cached);
    }
    return bytes;
}

void CpHeap::unmap_kernel(const Backing& buffer, std::span<std::byte> bytes) {
    RegionHeap::unmap_kernel(buffer, bytes);
    protection_.kernel_unmapped(Allocation::is_cached(buffer));
}

Result<void> CpHeap::map_user(const Backing& /*buffer*/) {
    return protection_.map_user();
}

void CpHeap::unmap_user(const Backing& /*buffer*/) {
    protection_.unmap_user();
}

Result<void> CpHeap::secure() {
    return protection_.secure();
}

Result<void> CpHeap::unsecure() {
    if (auto unlocked = protection_.unsecure(); !unlocked) {
        ION_WARN_ABOUT(log::Subject{.heap = name_}, "heap", "heap {} stays protected: {}", name_,
                       unlocked.error().context);
    }
    return {};
}

std::string CpHeap::print_debug(DebugLayout /*layout*/) const {
    return Heap::print_debug(DebugLayout::kA) +
           fmt::format("umapping count: {:x}\nkmapping count: {:x}\nheap protected: {}\n",
                       protection_.user_mappings(), protection_.kernel_mappings(),
                       protection_.is_protected() ? "Yes" : "No");
}

namespace {

/// The options before what the configuration made of an adjacent heap, and that before the region alone.
Result<PlacedRange> secured_range(const HeapParameters& parameters, const PlacedRange& region) {
    PlacedRange secured{.base = parameters.options.number("secure_base"),
                        .size = parameters.options.number("secure_size")};
    if (secured.size == 0) {
        secured = parameters.secured.size != 0 ? parameters.secured : region;
    }
    const auto end = checked_add(secured.base, secured.size);
    if (!end || (secured.base | secured.size) % kPageSize != 0) {
        return fail(EINVAL, "secure_base and secure_size must be multiples of the page size within 64 bits");
    }
    if (secured.base > region.base || *end < region.base + region.size) {
        return fail(EINVAL, fmt::format("the secure range [{:#x}, {:#x}) must cover the heap's region",
                                        secured.base, *end));
    }
    return secured;
}

std::unique_ptr<TrustZone> trust_zone_of(const Options& options) {
    return std::make_unique<SimulatedTrustZone>(
        options.number("trustzone_version"),
        SimulatedTrustZone::Failures{.lock = static_cast<int>(options.number("lock_error")),
                                     .unlock = static_cast<int>(options.number("unlock_error"))});
}

}  // namespace

Result<std::unique_ptr<Heap>> make_cp_heap(HeapParameters parameters) {
    if (!is_power_of_two(parameters.align)) {
        return fail(EINVAL, "the alignment must be a power of two");
    }
    const auto region = region_of(parameters);
    if (!region) {
        return region.error();
    }
    const auto secured = secured_range(parameters, *region);
    if (!secured) {
        return secured.error();
    }
    const Options& options = parameters.options;
    ContentProtection protection(
        {.secured = *secured,
         .permission = static_cast<ContentPermission>(options.number("permission_type")),
         .no_nonsecure_alloc = options.flag("no_nonsecure_alloc")},
        trust_zone_of(options));
    std::string name = parameters.name;
    auto placer = std::make_unique<FirstFitPlacer>(*region, parameters.align);
    auto parts = make_region_parts(std::move(parameters), std::move(placer));
    if (!parts) {
        return parts.error();
    }
    return std::unique_ptr<Heap>(
        std::make_unique<CpHeap>(std::move(name), *std::move(parts), std::move(protection)));
}

}  // namespace ion
