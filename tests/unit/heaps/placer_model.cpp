// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/heaps/placer_model.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "daemon/base/checked_math.h"

namespace ion {

NaivePlacer::NaivePlacer(PlacedRange region, std::uint64_t granule)
    : region_(region), granule_(granule), taken_(region.size / granule) {}

NaivePlacer::Outcome NaivePlacer::place(const HeapRequest& request) {
    if (const int error = refusal(request); error != 0) {
        return {.error = error, .range = {}};
    }
    const std::size_t count = granules(request.size_bytes);
    for (std::size_t first = 0; first + count <= taken_.size(); ++first) {
        const PlacedRange range{.base = region_.base + first * granule_, .size = count * granule_};
        if (range.base % align_of(request) != 0 || !is_free(first, count)) {
            continue;
        }
        const int problem = may_use(range);
        if (problem == 0) {
            mark(first, count, true);
            return {.error = 0, .range = range};
        }
        if (problem != EBUSY) {
            break;
        }
    }
    return {.error = ENOMEM, .range = {}};
}

int NaivePlacer::take(const HeapRequest& request, const PlacedRange& range) {
    if (range.base < region_.base || range.size != granules(request.size_bytes) * granule_ ||
        (range.base - region_.base) % granule_ != 0 ||
        range.base + range.size > region_.base + taken_.size() * granule_) {
        return EINVAL;
    }
    const std::size_t first = (range.base - region_.base) / granule_;
    if (!is_free(first, range.size / granule_)) {
        return EEXIST;
    }
    mark(first, range.size / granule_, true);
    return 0;
}

void NaivePlacer::release(const PlacedRange& range) {
    mark((range.base - region_.base) / granule_, range.size / granule_, false);
}

HeapUsage NaivePlacer::usage() const {
    std::size_t taken = 0;
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const bool is_taken : taken_) {
        taken += is_taken ? 1 : 0;
        run = is_taken ? 0 : run + 1;
        longest = std::max(longest, run);
    }
    return {
        .total = taken_.size() * granule_, .allocated = taken * granule_, .largest_free = longest * granule_};
}

bool NaivePlacer::is_free(std::size_t first, std::size_t count) const {
    for (std::size_t i = first; i < first + count; ++i) {
        if (taken_[i]) {
            return false;
        }
    }
    return true;
}

void NaivePlacer::mark(std::size_t first, std::size_t count, bool taken) {
    for (std::size_t i = first; i < first + count; ++i) {
        taken_[i] = taken;
    }
}

void PlacerModel::agree(const Subject& subject) {
    placer_ = subject.make();
    for (int i = 0; i < kSteps; ++i) {
        step(subject, i / 500 % 2 == 0);  // in turn nearly full and nearly empty
        if (i % 16 == 0) {
            compare_usage(subject);
        }
        ASSERT_FALSE(HasFailure()) << "step " << i << ", seed " << seed_;
    }
}

void PlacerModel::step(const Subject& subject, bool filling) {
    const std::uint64_t choice = below(1000);
    if (choice == 0) {
        restart(subject);
    } else if (choice < 20) {
        subject.disturb();
    } else if (choice < 150) {
        take(subject);
    } else if (choice < (filling ? 450U : 700U)) {
        release(subject);
    } else {
        place(subject);
    }
}

void PlacerModel::place(const Subject& subject) {
    const HeapRequest request = subject.draw();
    const NaivePlacer::Outcome expected = subject.naive.place(request);
    const auto ranges = placer_->place(request);
    ASSERT_EQ(ranges ? 0 : ranges.error().code, expected.error)
        << request.size_bytes << " " << request.align_bytes;
    if (ranges) {
        ASSERT_EQ(*ranges, std::vector{expected.range}) << request.size_bytes << " " << request.align_bytes;
        live_.push_back({request, expected.range});
    }
}

/// Anywhere from below the region to above it, often within a granule, sometimes of another size than the request's.
void PlacerModel::take(const Subject& subject) {
    const HeapRequest request = subject.draw();
    PlacedRange range{
        .base = subject.region.base + (below(subject.region.size / kPageSize + 8) - 4) * kPageSize,
        .size = request.size_bytes + (below(8) == 0 ? kPageSize : 0)};
    const int expected = subject.naive.take(request, range);
    const auto taken = placer_->take(request, {&range, 1});
    ASSERT_EQ(taken ? 0 : taken.error().code, expected) << range.base << " " << range.size;
    if (taken) {
        live_.push_back({request, range});
    }
}

void PlacerModel::release(const Subject& subject) {
    if (live_.empty()) {
        return;
    }
    std::swap(live_[below(live_.size())], live_.back());
    placer_->release({&live_.back().range, 1});
    subject.naive.release(live_.back().range);
    live_.pop_back();
}

void PlacerModel::restart(const Subject& subject) {
    placer_ = subject.make();
    std::ranges::shuffle(live_, random_);
    for (const Live& one : live_) {
        ASSERT_TRUE(placer_->take(one.request, {&one.range, 1})) << one.range.base << " " << one.range.size;
    }
    compare_usage(subject);
}

void PlacerModel::compare_usage(const Subject& subject) const {
    const HeapUsage expected = subject.naive.usage();
    const HeapUsage figures = placer_->usage();
    ASSERT_EQ(figures.total, expected.total);
    ASSERT_EQ(figures.allocated, expected.allocated);
    ASSERT_EQ(figures.largest_free, expected.largest_free);
}

}  // namespace ion
