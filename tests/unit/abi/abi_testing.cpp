// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/abi/abi_testing.h"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cerrno>

namespace ion::abi {
namespace {

struct Describer {
    std::string operator()(const Alloc& r) const {
        return fmt::format("alloc len={} align={} mask={:#x} flags={:#x}{}{}", r.length, r.align, r.heap_mask,
                           r.flags, r.one_flag_word ? " one-word" : "", r.returns_fd ? " returns-fd" : "");
    }
    std::string operator()(const Free& r) const { return fmt::format("free {:#x}", r.handle); }
    std::string operator()(const Share& r) const { return fmt::format("share {:#x}", r.handle); }
    std::string operator()(const Import& r) const { return fmt::format("import {}", r.fd); }
    std::string operator()(const Custom& r) const {
        return fmt::format("custom {:#x} {:#x}", r.command, r.argument);
    }
    std::string operator()(const Sync& r) const { return fmt::format("sync {}", r.fd); }
    std::string operator()(const HeapQuery& r) const {
        return fmt::format("heap-query {} {:#x}{}", r.count, r.heaps, r.reserved_set ? " reserved" : "");
    }
    std::string operator()(const AbiVersion&) const { return "abi-version"; }
    std::string operator()(const CacheMaintenance& r) const {
        constexpr std::array kOps{"clean", "invalidate", "clean-invalidate"};
        return fmt::format("{} handle={:#x} fd={} [{:#x}+{}, {}]{}{}",
                           kOps.at(static_cast<std::size_t>(r.op)), r.handle, r.fd, r.address, r.offset,
                           r.length, r.null_address_allowed ? " null-ok" : "",
                           r.import_before_range ? " import-first" : "");
    }
    std::string operator()(const GetFlags& r) const { return fmt::format("get-flags {:#x}", r.handle); }
    std::string operator()(const Prefetch& r) const {
        return fmt::format("{} mask={:#x} len={} sizes=[{}]", r.drain ? "drain" : "prefetch", r.heap_mask,
                           r.length, fmt::join(r.region_sizes, " "));
    }
    std::string operator()(const ChannelOpen& r) const {
        return fmt::format("channel-open v{} {}", r.version, r.fd);
    }
    std::string operator()(const ChannelAlloc& r) const { return "channel-" + (*this)(r.alloc); }
    std::string operator()(const ChannelShare& r) const {
        return fmt::format("channel-share {:#x}", r.handle);
    }

    std::string operator()(const Decoded& decoded) const {
        constexpr std::array kGenerations{"A", "B", "C", "X"};
        std::string text = fmt::format("{} {}", kGenerations.at(static_cast<std::size_t>(decoded.generation)),
                                       std::visit(*this, decoded.request));
        const auto add = [&](const char* name, const std::optional<Field>& field) {
            if (field) {
                text += fmt::format(" -> {}@{}:{}", name, field->offset, field->width);
            }
        };
        add("handle", decoded.outputs.handle);
        add("fd", decoded.outputs.fd);
        add("value", decoded.outputs.value);
        return text;
    }
    std::string operator()(const NeedMemory& need) const {
        std::string text = "need";
        for (const MemoryRange& range : need.ranges) {
            text += fmt::format(" {:#x}+{}", range.address, range.size);
        }
        return text;
    }
    std::string operator()(const Malformed& malformed) const {
        return fmt::format("errno {}", malformed.error);
    }
};

}  // namespace

Call Caller::call() const {
    return {.command = command, .compat = compat, .argument = argument, .input = input, .fetched = fetched};
}

DecodeResult Caller::decode_fully() {
    for (;;) {
        DecodeResult result = decode_once();
        const auto* need = std::get_if<NeedMemory>(&result);
        if (need == nullptr) {
            return result;
        }
        rounds.push_back(need->ranges);
        for (const MemoryRange& range : need->ranges) {
            const auto found = memory.find(range.address);
            if (found == memory.end() || found->second.size() != range.size) {
                return Malformed{EFAULT};
            }
            fetched.push_back({range, found->second});
        }
    }
}

std::string describe(const DecodeResult& result) {
    return std::visit(Describer{}, result);
}

}  // namespace ion::abi
