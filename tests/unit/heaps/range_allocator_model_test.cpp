// SPDX-License-Identifier: Apache-2.0
//
// RangeAllocator against the simplest first fit there is, over random operations.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "daemon/base/checked_math.h"
#include "heaps/range_allocator.h"

namespace ion {
namespace {

constexpr std::uint64_t kFirstPage = 0x2d303;  // odd, so that aligning the address and the offset differ
constexpr std::size_t kPages = 700;
constexpr int kOperations = 100'000;

/// One flag for each page; every search walks them all.
class Bitmap {
  public:
    /// First page of the lowest fit, or kPages.
    [[nodiscard]] std::size_t first_fit(std::size_t count, std::size_t align_pages) const {
        for (std::size_t at = 0; at + count <= kPages; ++at) {
            if ((kFirstPage + at) % align_pages == 0 && is_free(at, count)) {
                return at;
            }
        }
        return kPages;
    }
    [[nodiscard]] bool is_free(std::size_t at, std::size_t count) const {
        return std::none_of(taken_.begin() + static_cast<std::ptrdiff_t>(at),
                            taken_.begin() + static_cast<std::ptrdiff_t>(at + count),
                            [](bool t) { return t; });
    }
    void set(std::size_t at, std::size_t count, bool taken) {
        std::fill_n(taken_.begin() + static_cast<std::ptrdiff_t>(at), count, taken);
    }
    struct Figures {
        std::size_t free = 0;
        std::size_t longest = 0;
        std::size_t runs = 0;
    };
    [[nodiscard]] Figures figures() const {
        Figures result;
        std::size_t run = 0;
        for (const bool taken : taken_) {
            run = taken ? 0 : run + 1;
            result.free += taken ? 0 : 1;
            result.runs += run == 1 ? 1 : 0;
            result.longest = std::max(result.longest, run);
        }
        return result;
    }

  private:
    std::vector<bool> taken_ = std::vector<bool>(kPages);
};

PlacedRange range_of(std::size_t at, std::size_t count) {
    return {.base = (kFirstPage + at) * kPageSize, .size = count * kPageSize};
}

std::size_t page_of(const PlacedRange& range) {
    return range.base / kPageSize - kFirstPage;
}

class RangeAllocatorModel : public ::testing::Test {
  protected:
    std::size_t random(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
    }

    void allocate() {
        const std::size_t count = 1 + random(random(8) == 0 ? 100 : 12);
        const std::size_t align_pages = random(3) == 0 ? std::size_t{1} << random(7) : 1;
        const std::size_t expected = model_.first_fit(count, align_pages);

        const auto range = ranges_.allocate(count * kPageSize, align_pages * kPageSize);

        ASSERT_EQ(range.has_value(), expected != kPages);
        if (range) {
            ASSERT_EQ(*range, range_of(expected, count));
            keep(*range);
        }
    }
    void take() {
        const std::size_t at = random(kPages);
        const std::size_t count = 1 + random(std::min<std::size_t>(kPages - at, 12));
        const bool expected = model_.is_free(at, count);

        ASSERT_EQ(ranges_.take(range_of(at, count)).has_value(), expected);

        if (expected) {
            keep(range_of(at, count));
        }
    }
    void release() {
        if (!live_.empty()) {
            std::swap(live_[random(live_.size())], live_.back());
            ranges_.release(live_.back());
            model_.set(page_of(live_.back()), live_.back().size / kPageSize, false);
            live_.pop_back();
        }
    }
    void keep(const PlacedRange& range) {
        model_.set(page_of(range), range.size / kPageSize, true);
        live_.push_back(range);
    }

    std::mt19937_64 random_{20240229};
    Bitmap model_;
    RangeAllocator ranges_{range_of(0, kPages)};
    std::vector<PlacedRange> live_;
};

TEST_F(RangeAllocatorModel, AgreesWithABitmapOverRandomOperations) {
    for (int i = 0; i < kOperations; ++i) {
        const bool filling = i / 500 % 2 == 0;  // phases, so that it is both nearly full and nearly empty
        if (random(10) < (filling ? 4U : 6U)) {
            release();
        } else if (random(4) == 0) {
            take();
        } else {
            allocate();
        }
        ASSERT_FALSE(HasFatalFailure()) << "operation " << i;
        if (i % 16 == 0) {
            const Bitmap::Figures figures = model_.figures();
            ASSERT_EQ(ranges_.free_bytes(), figures.free * kPageSize);
            ASSERT_EQ(ranges_.largest_free(), figures.longest * kPageSize);
            ASSERT_EQ(ranges_.free_runs(), figures.runs);
        }
    }
}

}  // namespace
}  // namespace ion
