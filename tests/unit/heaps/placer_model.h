// SPDX-License-Identifier: Apache-2.0
//
// PlacerModel: random use of a Placer, each step compared with a NaivePlacer, the simplest code that does the same.

#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "heaps/placer.h"
#include "tests/unit/heaps/model_seed.h"

namespace ion {

/// A Placer for contiguous ranges as one would write it first: a flag for each granule, everything by walking
/// over all of them. Shares no code with the product.
class NaivePlacer {
  public:
    /// `granule` in bytes; the region is of whole ones.
    NaivePlacer(PlacedRange region, std::uint64_t granule);
    virtual ~NaivePlacer() = default;

    struct Outcome {
        int error = 0;  ///< errno; 0: `range` has been taken
        PlacedRange range;
    };

    /// Takes the lowest range that is free, begins as align_of() says and is one that may_use().
    Outcome place(const HeapRequest& request);
    /// An errno, or 0 and the range is taken.
    int take(const HeapRequest& request, const PlacedRange& range);
    void release(const PlacedRange& range);

    [[nodiscard]] HeapUsage usage() const;

  protected:
    /// Errno with which a request is refused before any search, or 0.
    [[nodiscard]] virtual int refusal(const HeapRequest& request) const = 0;
    /// In bytes, of the absolute address.
    [[nodiscard]] virtual std::uint64_t align_of(const HeapRequest& request) const = 0;
    /// 0, EBUSY for the next candidate, another errno to give up.
    [[nodiscard]] virtual int may_use(const PlacedRange& /*range*/) const { return 0; }

  private:
    [[nodiscard]] bool is_free(std::size_t first, std::size_t count) const;
    [[nodiscard]] std::size_t granules(std::uint64_t size) const { return (size + granule_ - 1) / granule_; }
    void mark(std::size_t first, std::size_t count, bool taken);

    PlacedRange region_;
    std::uint64_t granule_;
    std::vector<bool> taken_;
};

class PlacerModel : public ::testing::Test {
  protected:
    static constexpr int kSteps = 100'000;

    /// `make`: a placer with nothing in it, as a new worker makes it. The others are asked for each step.
    struct Subject {
        std::function<std::unique_ptr<Placer>()> make;
        NaivePlacer& naive;
        PlacedRange region;
        std::function<HeapRequest()> draw;      ///< of whole pages
        std::function<void()> disturb = [] {};  ///< changes what both of them see
    };

    /// kSteps random steps: place, release, take at a random place, a new worker that takes everything over.
    void agree(const Subject& subject);

    [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

    std::uint32_t seed_ = model_seed();
    std::mt19937_64 random_{seed_};

  private:
    struct Live {
        HeapRequest request;
        PlacedRange range;
    };

    void step(const Subject& subject, bool filling);
    void place(const Subject& subject);
    void take(const Subject& subject);
    void release(const Subject& subject);
    void restart(const Subject& subject);
    void compare_usage(const Subject& subject) const;

    std::unique_ptr<Placer> placer_;
    std::vector<Live> live_;
};

}  // namespace ion
