// SPDX-License-Identifier: Apache-2.0

#include "heaps/bitmap.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace ion {

/// Calls change_word(word, mask) for each word that holds some of the bits; `mask` says which.
template <typename Change>
void Bitmap::change(std::size_t first, std::size_t count, const Change& change_word) {
    assert(first <= size_ && count <= size_ - first);
    const std::size_t end = first + count;
    while (first < end) {
        const std::size_t offset = first % kWordBits;
        const std::size_t bits = std::min(kWordBits - offset, end - first);
        change_word(words_[first / kWordBits], ~Word{0} >> (kWordBits - bits) << offset);
        first += bits;
    }
}

void Bitmap::set(std::size_t first, std::size_t count) {
    change(first, count, [](Word& word, Word mask) { word |= mask; });
}

void Bitmap::clear(std::size_t first, std::size_t count) {
    change(first, count, [](Word& word, Word mask) { word &= ~mask; });
}

std::size_t Bitmap::next(std::size_t from, std::size_t end, Word invert) const {
    if (from >= end) {
        return end;
    }
    std::size_t index = from / kWordBits;
    Word word = (words_[index] ^ invert) & (~Word{0} << from % kWordBits);
    while (word == 0) {
        if (++index * kWordBits >= end) {
            return end;
        }
        word = words_[index] ^ invert;
    }
    return std::min(end, index * kWordBits + static_cast<std::size_t>(std::countr_zero(word)));
}

std::size_t Bitmap::next_clear_run(std::size_t from, std::size_t count, std::size_t align_mask,
                                   std::size_t align_offset) const {
    if (count > size_) {
        return size_;
    }
    for (;;) {
        const std::size_t clear = next_clear(from, size_);
        const std::size_t first = ((clear + align_offset + align_mask) & ~align_mask) - align_offset;
        if (first > size_ - count) {
            return size_;
        }
        const std::size_t taken = next_set(first, first + count);
        if (taken == first + count) {
            return first;
        }
        from = taken + 1;
    }
}

std::size_t Bitmap::longest_clear_run() const {
    std::size_t longest = 0;
    for (std::size_t first = next_clear(0, size_); first < size_;) {
        const std::size_t end = next_set(first, size_);
        longest = std::max(longest, end - first);
        first = next_clear(end, size_);
    }
    return longest;
}

}  // namespace ion
