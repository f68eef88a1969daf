// SPDX-License-Identifier: Apache-2.0

#include "daemon/abi/decode.h"

#include <linux/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "daemon/abi/command_table.h"
#include "daemon/base/checked_math.h"

namespace ion::abi {
namespace {

/// Size of the largest ION struct, in bytes.
constexpr std::uint32_t kLargestStruct = 32;

bool applies(const CommandRow& row, bool compat, const DecodeOptions& options) {
    const auto wrong_caller = compat ? Callers::kOnly64 : Callers::kOnly32;
    const auto wrong_profile = options.msm_get_flags ? Profile::kNotMsmGetFlags : Profile::kMsmGetFlags;
    const bool too_new = options.linux_5_10 && row.profile == Profile::kNotLinux510;
    return row.callers != wrong_caller && row.profile != wrong_profile && !too_new;
}

const CommandRow* find_row(std::uint32_t command, bool compat, const DecodeOptions& options) {
    const auto old = options.linux_5_10 ? std::span<const CommandRow>() : legacy_commands();
    const auto vendor = options.linux_5_10 ? std::span<const CommandRow>() : msm_commands();
    for (const auto family : {old, modern_commands(), vendor, extension_commands()}) {
        const auto row = std::ranges::find_if(family, [&](const CommandRow& candidate) {
            return candidate.command == command && applies(candidate, compat, options);
        });
        if (row != family.end()) {
            return &*row;
        }
    }
    return nullptr;
}

DecodeResult decode_row(const CommandRow& row, const Call& call) {
    const bool has_input = (_IOC_DIR(call.command) & _IOC_WRITE) != 0;
    if (has_input && call.input.size() < _IOC_SIZE(call.command)) {
        return Malformed{EINVAL};
    }
    DecodeResult result = row.decode(call);
    if (auto* decoded = std::get_if<Decoded>(&result)) {
        decoded->generation = row.generation;
    }
    return result;
}

DecodeResult refuse_unknown(const Call& call, const DecodeOptions& options) {
    const std::uint32_t size = _IOC_SIZE(call.command);
    if (size > (options.linux_5_10 ? kLargestOfLinux510 : kLargestStruct)) {
        return Malformed{EINVAL};
    }
    // That driver copies the declared bytes in whatever the direction says. The transport has done so for "write".
    const MemoryRange declared{call.argument, size};
    if (options.linux_5_10 && size > 0 && (_IOC_DIR(call.command) & _IOC_WRITE) == 0) {
        if (auto found = obstacle(call.fetched, {&declared, 1})) {
            return *std::move(found);
        }
    }
    return Malformed{ENOTTY};
}

/// CUSTOM around a command that the msm hook knows: the hook reads the inner struct. None of them has outputs.
DecodeResult decode_inner(const CommandRow& row, const Call& outer, const Custom& custom) {
    const MemoryRange inner_struct{custom.argument, _IOC_SIZE(custom.command)};
    if (auto found = obstacle(outer.fetched, {&inner_struct, 1})) {
        return *std::move(found);
    }
    return decode_row(row, Call{.command = custom.command,
                                .compat = outer.compat,
                                .argument = custom.argument,
                                .input = outer.fetched.front().bytes,
                                .fetched = outer.fetched.subspan(1)});
}

}  // namespace

std::optional<DecodeResult> obstacle(std::span<const FetchedMemory> fetched,
                                     std::span<const MemoryRange> ranges) {
    const auto wraps = [](const MemoryRange& range) { return !checked_add(range.address, range.size); };
    if (std::ranges::any_of(ranges, wraps)) {
        return Malformed{EFAULT};
    }
    if (ranges.empty()) {
        return std::nullopt;
    }
    if (fetched.empty()) {
        return NeedMemory{{ranges.begin(), ranges.end()}};
    }
    const auto answers = [](const MemoryRange& range, const FetchedMemory& memory) {
        return memory.range == range && memory.bytes.size() == range.size;
    };
    if (!std::ranges::equal(ranges, fetched.first(std::min(fetched.size(), ranges.size())), answers)) {
        return Malformed{EINVAL};
    }
    return std::nullopt;
}

DecodeResult decode(const Call& call, const DecodeOptions& options) {
    const CommandRow* row = find_row(call.command, call.compat, options);
    if (row == nullptr) {
        return refuse_unknown(call, options);
    }
    DecodeResult result = decode_row(*row, call);
    const auto* decoded = std::get_if<Decoded>(&result);
    const auto* custom = decoded != nullptr ? std::get_if<Custom>(&decoded->request) : nullptr;
    if (custom == nullptr) {
        return result;
    }
    const CommandRow* inner = find_row(custom->command, call.compat, options);
    return inner != nullptr && inner->inside_custom ? decode_inner(*inner, call, *custom) : result;
}

}  // namespace ion::abi
