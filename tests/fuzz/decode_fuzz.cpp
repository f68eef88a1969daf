// SPDX-License-Identifier: Apache-2.0
//
// Any bytes through decode() and encode(), as a hostile client would send them.
//
// Input: command (4 bytes), options (1: bit 0 compat, bit 1 not msm's GET_FLAGS), argument (8), the ioctl's
// bytes, then the answers to NeedMemory; what is missing of an answer is zero. The ioctl's bytes are as many as
// the command declares, fewer only at the end of the input.

#include <linux/ioctl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "daemon/abi/decode.h"

namespace {

using namespace ion::abi;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

/// Takes the input apart from its beginning.
class Source {
  public:
    Source(const std::uint8_t* data, std::size_t size) : rest_(std::as_bytes(std::span(data, size))) {}

    template <typename Number>
    Number number() {
        Number value = 0;
        const auto bytes = take(sizeof value);
        if (!bytes.empty()) {
            std::memcpy(&value, bytes.data(), bytes.size());
        }
        return value;
    }

    /// At most `size` bytes, in an allocation of exactly their number, so that ASan sees reads beyond them.
    std::vector<std::byte> take(std::size_t size) {
        const auto taken = rest_.first(std::min(size, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return {taken.begin(), taken.end()};
    }

  private:
    std::span<const std::byte> rest_;
};

void check_ranges(const NeedMemory& need) {
    require(!need.ranges.empty() && need.ranges.size() <= 32);
    for (const MemoryRange& range : need.ranges) {
        require(range.size > 0 && range.size <= 768 && range.address + range.size >= range.address);
    }
}

bool covers(const std::optional<Field>& field, std::size_t offset) {
    return field && offset >= field->offset && offset < std::size_t{field->offset} + field->width;
}

void check_encoding(const Call& call, const OutputFields& fields) {
    const Outputs outputs{.handle = 0x1111111111111111, .fd = 0x22222222, .value = 0x3333333333333333};
    const EncodedReply reply = encode(call, fields, outputs);
    if (!fields.handle && !fields.fd && !fields.value) {
        require(reply.declared.empty() && reply.extra.empty());
        return;
    }
    require(reply.declared.size() == _IOC_SIZE(call.command));
    for (std::size_t i = 0; i < reply.declared.size(); ++i) {
        const auto expected = covers(fields.handle, i)  ? std::byte{0x11}
                              : covers(fields.fd, i)    ? std::byte{0x22}
                              : covers(fields.value, i) ? std::byte{0x33}
                                                        : call.input[i];
        require(reply.declared[i] == expected);
    }
    for (const FetchedMemory& extra : reply.extra) {
        require(extra.range.address >= call.argument + reply.declared.size());
        require(extra.range.size == extra.bytes.size() && extra.range.size <= 8);
    }
    require(!fields.fd || fd_address(call, fields) - call.argument < reply.declared.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Source source(data, size);
    Call call{.command = source.number<std::uint32_t>()};
    const auto flags = source.number<std::uint8_t>();
    call.compat = (flags & 1) != 0;
    const DecodeOptions options{.msm_get_flags = (flags & 2) == 0};
    call.argument = source.number<std::uint64_t>();
    const bool has_input = (_IOC_DIR(call.command) & _IOC_WRITE) != 0;
    const std::vector<std::byte> input = source.take(has_input ? _IOC_SIZE(call.command) : 0);
    call.input = input;

    std::vector<FetchedMemory> fetched;
    DecodeResult result = decode(call, options);
    for (int round = 0; std::holds_alternative<NeedMemory>(result); ++round) {
        require(round < 3);
        check_ranges(std::get<NeedMemory>(result));
        for (const MemoryRange& range : std::get<NeedMemory>(result).ranges) {
            FetchedMemory answer{range, std::vector<std::byte>(range.size)};
            std::ranges::copy(source.take(range.size), answer.bytes.begin());
            fetched.push_back(std::move(answer));
        }
        call.fetched = fetched;
        result = decode(call, options);
    }

    if (const auto* decoded = std::get_if<Decoded>(&result)) {
        check_encoding(call, decoded->outputs);
    } else {
        const int error = std::get<Malformed>(result).error;
        require(error == EINVAL || error == ENOTTY || error == EFAULT);
    }
    return 0;
}
