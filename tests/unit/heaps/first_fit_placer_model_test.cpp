// SPDX-License-Identifier: Apache-2.0
//
// FirstFitPlacer, the carveout heap's, against a naive model.

#include <algorithm>
#include <cerrno>

#include "daemon/base/checked_math.h"
#include "heaps/first_fit_placer.h"
#include "tests/unit/heaps/placer_model.h"

namespace ion {
namespace {

constexpr PlacedRange kRegion{.base = 0x2d303 * kPageSize, .size = 700 * kPageSize};

class NaiveFirstFit final : public NaivePlacer {
  public:
    explicit NaiveFirstFit(std::uint64_t align) : NaivePlacer(kRegion, kPageSize), align_(align) {}

  protected:
    [[nodiscard]] int refusal(const HeapRequest& request) const override {
        for (std::uint64_t power = 1; power <= kRegion.size; power *= 2) {
            if (request.align_bytes == power) {
                return 0;
            }
        }
        return request.align_bytes == 0 ? 0 : EINVAL;
    }
    [[nodiscard]] std::uint64_t align_of(const HeapRequest& request) const override {
        return std::max({align_, request.align_bytes, kPageSize});
    }

  private:
    std::uint64_t align_;
};

class FirstFitPlacerModel : public PlacerModel {
  protected:
    void agree_with(std::uint64_t align) {
        NaiveFirstFit naive(align);
        agree({.make = [&] { return std::make_unique<FirstFitPlacer>(kRegion, align); },
               .naive = naive,
               .region = kRegion,
               .draw =
                   [&] {
                       return HeapRequest{.size_bytes = (1 + below(below(8) == 0 ? 100 : 12)) * kPageSize,
                                          .align_bytes = draw_align()};
                   }});
    }

  private:
    /// Mostly none; at times a power of two up to more than the region, or none at all.
    std::uint64_t draw_align() {
        switch (below(6)) {
            case 0:
                return std::uint64_t{1} << below(24);
            case 1:
                return below(20'000);
            default:
                return 0;
        }
    }
};

TEST_F(FirstFitPlacerModel, Agrees) {
    agree_with(kPageSize);
}

TEST_F(FirstFitPlacerModel, AgreesWithAnAlignmentOfTheHeapsOwn) {
    agree_with(4 * kPageSize);
}

}  // namespace
}  // namespace ion
