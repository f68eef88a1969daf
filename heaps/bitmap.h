// SPDX-License-Identifier: Apache-2.0
//
// Bitmap: a fixed number of bits, searched a word of 64 at a time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ion {

/// Bits are numbered from 0. Operations on a run of bits take O(its length / 64).
class Bitmap {
  public:
    /// All bits clear.
    explicit Bitmap(std::size_t size) : size_(size), words_((size + kWordBits - 1) / kWordBits) {}

    [[nodiscard]] std::size_t size() const { return size_; }

    /// Sets or clears the bits [first, first + count), which are all below size().
    void set(std::size_t first, std::size_t count);
    void clear(std::size_t first, std::size_t count);

    /// The lowest set (clear) bit of [from, end); `end`, which is at most size(), when there is none.
    [[nodiscard]] std::size_t next_set(std::size_t from, std::size_t end) const { return next(from, end, 0); }
    [[nodiscard]] std::size_t next_clear(std::size_t from, std::size_t end) const {
        return next(from, end, ~Word{0});
    }

    /// The kernel's bitmap_find_next_zero_area_off(): the first bit of the lowest run of `count` clear bits, not
    /// below `from`, such that (bit + align_offset) is a multiple of align_mask + 1, a power of two. size() or more
    /// when there is none.
    ///
    /// O(size / 64), however many runs are too short: 64 bits are judged at once, or as many as are asked for.
    [[nodiscard]] std::size_t next_clear_run(std::size_t from, std::size_t count, std::size_t align_mask,
                                             std::size_t align_offset) const;

    /// Bits in the longest run of clear ones. O(size / 64).
    [[nodiscard]] std::size_t longest_clear_run() const;

  private:
    using Word = std::uint64_t;
    static constexpr std::size_t kWordBits = 64;

    /// The lowest bit of [from, end) that is set in the words xor `invert`, else `end`.
    [[nodiscard]] std::size_t next(std::size_t from, std::size_t end, Word invert) const;
    [[nodiscard]] std::size_t last_set(std::size_t first, std::size_t end) const;
    [[nodiscard]] Word clear_word(std::size_t index) const;
    [[nodiscard]] std::size_t next_short_run(std::size_t from, std::size_t count, std::size_t align_mask,
                                             std::size_t align_offset) const;
    template <typename Change>
    void change(std::size_t first, std::size_t count, const Change& change_word);

    std::size_t size_;
    std::vector<Word> words_;
};

}  // namespace ion
