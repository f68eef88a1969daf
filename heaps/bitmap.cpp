// SPDX-License-Identifier: Apache-2.0

#include "heaps/bitmap.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace ion {
namespace {

/// The bits of `low` from which `count` set bits follow each other, on into `high`. count: 1 to 64.
std::uint64_t runs_from(std::uint64_t low, std::uint64_t high, std::size_t count) {
    for (std::size_t length = 1; length < count && low != 0;) {
        // Where runs of `length` begin, those of length + step begin at bits with another one `step` further on.
        const std::size_t step = std::min(length, count - length);
        low &= low >> step | high << (64 - step);
        high &= high >> step;
        length += step;
    }
    return low;
}

}  // namespace

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
    if (count <= kWordBits && align_mask < kWordBits) {
        return next_short_run(from, count, align_mask, align_offset);
    }
    for (;;) {
        const std::size_t clear = next_clear(from, size_);
        const std::size_t first = ((clear + align_offset + align_mask) & ~align_mask) - align_offset;
        if (first > size_ - count) {
            return size_;
        }
        // From the end: no run can begin at or below the last obstacle, so that two steps pass `count` bits.
        const std::size_t taken = last_set(first, first + count);
        if (taken == first + count) {
            return first;
        }
        from = taken + 1;
    }
}

/// next_clear_run() for at most 64 bits, aligned to at most 64.
std::size_t Bitmap::next_short_run(std::size_t from, std::size_t count, std::size_t align_mask,
                                   std::size_t align_offset) const {
    Word aligned = 0;  // the same in every word, as the alignment divides 64
    for (std::size_t bit = (0 - align_offset) & align_mask; bit < kWordBits; bit += align_mask + 1) {
        aligned |= Word{1} << bit;
    }
    for (std::size_t index = from / kWordBits; index < words_.size(); ++index) {
        Word found = runs_from(clear_word(index), clear_word(index + 1), count) & aligned;
        if (index == from / kWordBits) {
            found &= ~Word{0} << from % kWordBits;
        }
        if (found != 0) {
            return index * kWordBits + static_cast<std::size_t>(std::countr_zero(found));
        }
    }
    return size_;
}

/// The highest set bit of [first, end); `end` when there is none.
std::size_t Bitmap::last_set(std::size_t first, std::size_t end) const {
    for (std::size_t above = end; above > first;) {
        const std::size_t index = (above - 1) / kWordBits;
        const std::size_t unwanted = kWordBits - 1 - (above - 1) % kWordBits;
        const Word word = words_[index] << unwanted >> unwanted;
        if (word != 0) {
            const std::size_t bit = index * kWordBits + static_cast<std::size_t>(std::bit_width(word)) - 1;
            return bit >= first ? bit : end;
        }
        above = index * kWordBits;
    }
    return end;
}

/// The clear bits of a word, as set ones; there are none beyond size().
Bitmap::Word Bitmap::clear_word(std::size_t index) const {
    if (index >= words_.size()) {
        return 0;
    }
    const std::size_t beyond = (words_.size() * kWordBits - size_) * (index + 1 == words_.size() ? 1 : 0);
    return ~words_[index] & ~Word{0} >> beyond;
}

std::size_t Bitmap::longest_clear_run() const {
    std::size_t longest = 0;
    for (std::size_t first = next_clear(0, size_); first < size_;) {
        const std::size_t end = next_set(first, size_);
        longest = end - first;
        first = next_clear_run(end, longest + 1, 0, 0);
    }
    return longest;
}

}  // namespace ion
