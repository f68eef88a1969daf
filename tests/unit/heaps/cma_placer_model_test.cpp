// SPDX-License-Identifier: Apache-2.0
//
// CmaPlacer against a naive model, with pages that are busy at times.

#include <cerrno>

#include "daemon/base/checked_math.h"
#include "heaps/cma_placer.h"
#include "tests/unit/heaps/placer_model.h"

namespace ion {
namespace {

/// Pages that cannot be moved now, and why.
struct Disturbance {
    PlacedRange range;
    int error = EBUSY;
};

class NaiveCma final : public NaivePlacer {
  public:
    NaiveCma(const CmaArea& area, const std::vector<Disturbance>& disturbances)
        : NaivePlacer(area.region, kPageSize << area.order_per_bit),
          area_(area),
          disturbances_(disturbances) {}

    /// Whether a page of the range cannot be moved. Of several reasons, the first counts.
    [[nodiscard]] static int migrate(const std::vector<Disturbance>& disturbances, const PlacedRange& range) {
        for (std::uint64_t page = range.base; page < range.base + range.size; page += kPageSize) {
            for (const Disturbance& one : disturbances) {
                if (page >= one.range.base && page < one.range.base + one.range.size) {
                    return one.error;
                }
            }
        }
        return 0;
    }

  protected:
    [[nodiscard]] int refusal(const HeapRequest& request) const override {
        return request.align_bytes > kPageSize ? EINVAL : 0;
    }
    /// The smallest power of two of pages that holds the size, up to the limit; below a bit nothing is aligned.
    [[nodiscard]] std::uint64_t align_of(const HeapRequest& request) const override {
        std::uint64_t align = kPageSize;
        std::uint32_t order = 0;
        while (align < request.size_bytes && order < area_.max_align_order) {
            align *= 2;
            ++order;
        }
        return order <= area_.order_per_bit ? kPageSize : align;
    }
    [[nodiscard]] int may_use(const PlacedRange& range) const override {
        return migrate(disturbances_, range);
    }

  private:
    CmaArea area_;
    const std::vector<Disturbance>& disturbances_;
};

class CmaPlacerModel : public PlacerModel {
  protected:
    void agree_over(const CmaArea& area) {
        const std::uint64_t pages = area.region.size / kPageSize;
        NaiveCma naive(area, disturbances_);
        agree({.make =
                   [&] {
                       return std::make_unique<CmaPlacer>(area, [this](const PlacedRange& range) {
                           return NaiveCma::migrate(disturbances_, range);
                       });
                   },
               .naive = naive,
               .region = area.region,
               .draw =
                   [&] {
                       return HeapRequest{
                           .size_bytes = (1 + below(below(8) == 0 ? pages / 6 : 12)) * kPageSize,
                           .align_bytes = below(50) == 0 ? 2 * kPageSize : below(2) * kPageSize};
                   },
               .disturb = [&] { disturb(area.region); }});
    }

  private:
    void disturb(const PlacedRange& region) {
        disturbances_.clear();
        for (std::uint64_t left = below(4); left > 0; --left) {
            disturbances_.push_back(
                {.range = {.base = region.base + below(region.size / kPageSize) * kPageSize,
                           .size = (1 + below(40)) * kPageSize},
                 .error = below(4) == 0 ? EINTR : EBUSY});
        }
    }

    std::vector<Disturbance> disturbances_;
};

TEST_F(CmaPlacerModel, AgreesWhereTheBaseIsOdd) {
    agree_over({.region = {.base = 0x2d303 * kPageSize, .size = 700 * kPageSize}});
}

TEST_F(CmaPlacerModel, AgreesWithSeveralPagesToABit) {
    agree_over({.region = {.base = 0x2d304 * kPageSize, .size = 2800 * kPageSize}, .order_per_bit = 2});
}

TEST_F(CmaPlacerModel, AgreesWithALowLimitOfAlignment) {
    agree_over({.region = {.base = 0x2d303 * kPageSize, .size = 700 * kPageSize}, .max_align_order = 2});
}

}  // namespace
}  // namespace ion
