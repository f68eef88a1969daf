// SPDX-License-Identifier: Apache-2.0
//
// A plug-in whose heaps misbehave as the `align` of their configuration says. UNRULY_VERSION and UNRULY_TYPE make
// variants of it.

#include "iond/heap.h"

#include <csignal>
#include <stdexcept>

#ifndef UNRULY_TYPE
#define UNRULY_TYPE "unruly"
#endif
#ifndef UNRULY_VERSION
#define UNRULY_VERSION "1"
#endif

namespace {

struct Habits {
    std::uint64_t crash_at = 0;
    std::uint64_t throw_at = 0;
    bool crash_in_restore = false;
};

class UnrulyPlacer final : public ion::Placer {
  public:
    UnrulyPlacer(ion::PlacedRange region, const Habits& habits) : placer_(region, 4096), habits_(habits) {}

    ion::Result<std::vector<ion::PlacedRange>> place(const ion::HeapRequest& request) override {
        ++placed_;
        if (placed_ == habits_.crash_at) {
            ::raise(SIGSEGV);
        }
        if (habits_.throw_at != 0 && placed_ >= habits_.throw_at) {
            throw std::runtime_error("unruly as told");
        }
        return placer_.place(request);
    }
    ion::Result<void> take(const ion::HeapRequest& request,
                           std::span<const ion::PlacedRange> ranges) override {
        if (habits_.crash_in_restore) {
            ::raise(SIGSEGV);
        }
        return placer_.take(request, ranges);
    }
    void release(std::span<const ion::PlacedRange> ranges) override { placer_.release(ranges); }
    ion::HeapUsage usage() const override { return placer_.usage(); }

  private:
    ion::FirstFitPlacer placer_;
    Habits habits_;
    std::uint64_t placed_ = 0;
};

/// The align of the configuration says what to do, in pages: 2 crash at the third allocation, 4 throw from the third
/// on, 8 crash when a buffer is restored, 16 crash at the first allocation.
Habits habits_of(std::uint64_t align) {
    return {.crash_at = align == 0x2000    ? 3U
                        : align == 0x10000 ? 1U
                                           : 0U,
            .throw_at = align == 0x4000 ? 3U : 0U,
            .crash_in_restore = align == 0x8000};
}

ion::Result<std::unique_ptr<ion::Heap>> make_unruly(ion::HeapParameters parameters) {
    const auto region = ion::region_of(parameters);
    if (!region) {
        return region.error();
    }
    auto placer = std::make_unique<UnrulyPlacer>(*region, habits_of(parameters.align));
    return ion::make_region_heap(std::move(parameters), std::move(placer));
}

constexpr ion::HeapType kTypes[] = {{.name = UNRULY_TYPE,
                                     .mainline_number = {},
                                     .msm34_number = {},
                                     .region = ion::RegionNeed::kRequired,
                                     .options = {},
                                     .make = make_unruly}};

}  // namespace

IOND_HEAP_PLUGIN("unruly", UNRULY_VERSION, kTypes);
