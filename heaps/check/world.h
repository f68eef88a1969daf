// SPDX-License-Identifier: Apache-2.0
//
// World: a heap, the buffers that live in it, and what the heap must not do to them.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heaps/check/step.h"
#include "heaps/check/subject.h"
#include "heaps/heap.h"

namespace ion::check {

/// What can be found wrong while steps are played.
enum class Rule : std::uint8_t {
    kZeroed,     ///< memory is zero when it is handed out
    kSeparate,   ///< what is written into a buffer stays there
    kPlaced,     ///< whole pages within the region, nobody else's, enough of them
    kAligned,    ///< at the alignment asked for
    kExported,   ///< descriptors have the size, are the memory, and count as use while they are open
    kAccounted,  ///< usage() tells the truth
    kRestored,   ///< a new worker's heap takes everything over at its place
    kReleased    ///< when all is given back, the heap is as new
};

/// Plays steps and looks for breaches of one rule; those of others it passes over, as well as can be.
class World {
  public:
    World(const Subject& subject, Rule rule) : subject_(subject), rule_(rule) {}

    /// Plays all steps on a new heap, gives everything back, and says what was wrong; nothing when all was well.
    [[nodiscard]] std::optional<std::string> play(const std::vector<Step>& steps);

  private:
    struct Buffer {
        std::unique_ptr<Backing> backing;
        HeapRequest request;
        std::vector<PlacedRange> placement;
        std::byte content{};
    };

    void broke(Rule rule, std::string what);
    bool make();
    void take(const Step& step);
    void allocate(const Step& step);
    void free(std::uint32_t which);
    void restart();
    void finish();

    void check_new(Buffer& buffer);
    void check_export(const Buffer& buffer);
    void check_placement(const Buffer& buffer);
    void check_content(const Buffer& buffer);
    void check_usage();

    void restore(Buffer& buffer);
    void check_refusals(const Buffer& buffer);

    const Subject& subject_;
    Rule rule_;
    std::optional<std::string> broken_;
    std::unique_ptr<Heap> heap_;
    HeapUsage fresh_;
    std::vector<Buffer> live_;
    unsigned made_ = 0;
};

}  // namespace ion::check
