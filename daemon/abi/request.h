// SPDX-License-Identifier: Apache-2.0
//
// Typed ION requests: what decode() makes of an ioctl's bytes, whatever generation and width they came in.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace ion::abi {

/// Which family of structs a command number belongs to. A number shared by several is named by its oldest.
enum class Generation : std::uint8_t { kA, kB, kC, kExtension };

/// A run of bytes in the caller's memory.
struct MemoryRange {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    friend bool operator==(const MemoryRange&, const MemoryRange&) = default;
};

/// Bytes fetched from the caller on the decoder's demand.
struct FetchedMemory {
    MemoryRange range;
    std::vector<std::byte> bytes = {};  ///< range.size of them
};

/// One ioctl as the transport saw it. `input` holds what the command number declares (its size bits, when its
/// direction has _IOC_WRITE; else nothing).
struct Call {
    std::uint32_t command = 0;
    bool compat = false;         ///< the caller is a 32-bit program (or used int 0x80)
    std::uint64_t argument = 0;  ///< address of the struct in the caller
    std::span<const std::byte> input = {};
    std::span<const FetchedMemory> fetched = {};  ///< all answers so far, see NeedMemory
};

struct Alloc {
    std::uint64_t length = 0;
    std::uint64_t align = 0;  ///< 0 for generation C, which has none
    std::uint32_t heap_mask = 0;
    std::uint32_t flags = 0;     ///< A0/A1 16-byte form: copy of heap_mask (one word is both)
    bool one_flag_word = false;  ///< A0/A1 16-byte form: bit 31 of the mask is the secure flag
    bool returns_fd = false;     ///< generation C
};
struct Free {
    std::uint64_t handle = 0;
};
struct Share {
    std::uint64_t handle = 0;  ///< SHARE and MAP alike
};
struct Import {
    std::int32_t fd = -1;
};
struct Custom {
    std::uint32_t command = 0;
    std::uint64_t argument = 0;
};
struct Sync {
    std::int32_t fd = -1;
};
struct HeapQuery {
    std::uint32_t count = 0;
    std::uint64_t heaps = 0;  ///< address of the caller's array of 52-byte records, or 0
    bool reserved_set = false;
};
struct AbiVersion {};
enum class CacheOp : std::uint8_t { kClean, kInvalidate, kCleanInvalidate };
struct CacheMaintenance {
    CacheOp op = CacheOp::kClean;
    std::uint64_t handle = 0;  ///< 0: find the buffer by `fd`
    std::int32_t fd = -1;
    std::uint64_t address = 0;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    bool null_address_allowed = false;  ///< late msm: no address means no range check
    bool import_before_range = false;   ///< A1t: the import is checked first
};
struct GetFlags {
    std::uint64_t handle = 0;
};
/// PREFETCH and DRAIN of the msm trees, whose `heap_id` is a mask.
struct Prefetch {
    bool drain = false;
    std::uint32_t heap_mask = 0;
    std::uint64_t length = 0;
    std::vector<std::uint64_t> region_sizes = {};  ///< bytes; of all regions, in the caller's order
};
/// Extension: the caller hands over one end of a socket pair; descriptors then come through it.
struct ChannelOpen {
    std::int32_t fd = -1;
    std::uint32_t version = 0;
};
/// Extension: ALLOC (generation C) or SHARE whose descriptor is sent through the caller's channel.
struct ChannelAlloc {
    Alloc alloc;
};
struct ChannelShare {
    std::uint64_t handle = 0;
};

using Request = std::variant<Alloc, Free, Share, Import, Custom, Sync, HeapQuery, AbiVersion,
                             CacheMaintenance, GetFlags, Prefetch, ChannelOpen, ChannelAlloc, ChannelShare>;

/// Where outputs go in the caller's struct: byte offset and width (4 or 8); values are zero-extended.
struct Field {
    std::uint8_t offset = 0;
    std::uint8_t width = 4;
    friend bool operator==(const Field&, const Field&) = default;
};

/// The outputs that a command has. `value` is GET_FLAGS' flags, ABI_VERSION's and CHANNEL_OPEN's version,
/// HEAP_QUERY's cnt, the token of the other channel commands.
struct OutputFields {
    std::optional<Field> handle = {};
    std::optional<Field> fd = {};
    std::optional<Field> value = {};
};

/// A well-formed request and how to answer it.
struct Decoded {
    Generation generation = Generation::kA;
    Request request = {};
    OutputFields outputs = {};
};

/// The caller's memory must be read before the request is understood. Contract with decode()'s caller:
///
/// - Read every range in full and append the answers to Call::fetched, in this order, behind those of earlier
///   rounds; then decode the same call (same input, same options) again. An unreadable range ends the call
///   with EFAULT.
/// - Only what is still missing is asked for. There are at most three rounds, of at most 32 ranges, and no
///   range is empty, longer than 768 bytes or wraps around.
/// - What was read once is never asked for again: a request is decoded from one snapshot, however the caller
///   changes its memory meanwhile.
struct NeedMemory {
    std::vector<MemoryRange> ranges = {};
};

/// Not a request: the errno for the client.
struct Malformed {
    int error = 0;
};

using DecodeResult = std::variant<Decoded, NeedMemory, Malformed>;

/// Output values of a request that was carried out (or of one that fails with its struct written back).
struct Outputs {
    std::optional<std::uint64_t> handle = {};
    std::optional<std::int32_t> fd = {};
    std::optional<std::uint64_t> value = {};
};

/// What goes back: `declared` are exactly the bytes that the command number declares as output. It is empty
/// when there is nothing to put into them, as the drivers wrote nothing back for FREE, SYNC, CUSTOM, cache
/// maintenance or most failures: the struct may lie in read-only memory. `extra` must be written into the
/// caller's memory beside it (A0/A1 IMPORT, 64-bit).
struct EncodedReply {
    std::vector<std::byte> declared = {};
    std::vector<FetchedMemory> extra = {};
};

}  // namespace ion::abi
