// SPDX-License-Identifier: Apache-2.0
//
// Records as bytes: u32 length of what follows, u32 type (index in Record), then the fields in order, little
// endian, without padding; a list is a u32 count and its elements.

#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "daemon/core/record.h"

namespace ion {

/// Bytes that encode_record() writes for `record`.
[[nodiscard]] std::size_t encoded_size(const Record& record);

/// Writes `record` to the front of `out`; returns the bytes written, or 0 when they do not fit.
[[nodiscard]] std::size_t encode_record(const Record& record, std::span<std::byte> out);

struct DecodedRecord {
    Record record;
    std::size_t size = 0;  ///< bytes taken from the front of the input
};

/// Reads the record at the front of `in`; nothing when the bytes are not one. Safe on any bytes.
[[nodiscard]] std::optional<DecodedRecord> decode_record(std::span<const std::byte> in);

}  // namespace ion
