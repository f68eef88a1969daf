// SPDX-License-Identifier: Apache-2.0
//
// BufferBytes: a buffer's bytes as a client sees them, through a mapping of an exported descriptor.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "daemon/base/result.h"
#include "heaps/heap.h"

namespace ion::check {

class BufferBytes {
  public:
    /// Errors: what exporting and mapping give.
    [[nodiscard]] static Result<BufferBytes> map(const Backing& backing, std::uint64_t size);

    BufferBytes(BufferBytes&& other) noexcept : bytes_(other.bytes_) { other.bytes_ = {}; }
    BufferBytes& operator=(BufferBytes&&) = delete;
    BufferBytes(const BufferBytes&) = delete;
    BufferBytes& operator=(const BufferBytes&) = delete;
    ~BufferBytes();

    void fill(std::byte value) const;

    /// Offset of the first byte that is not `value`; the size when all are.
    [[nodiscard]] std::size_t first_other_than(std::byte value) const;

    [[nodiscard]] std::span<std::byte> all() const { return bytes_; }

  private:
    explicit BufferBytes(std::span<std::byte> bytes) : bytes_(bytes) {}

    std::span<std::byte> bytes_;
};

}  // namespace ion::check
