// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "heaps/trace/trace.h"

namespace ion {
namespace {

/// A name as one word that no reader can misunderstand.
std::string word(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte > ' ' && byte < 0x7f && c != '%' && c != '#';
        text += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    return text.empty() ? "%" : text;
}

}  // namespace

std::string trace_line(const TraceEvent& event) {
    if (event.op == TraceOp::kFree) {
        return fmt::format("{} {} free {}", event.time_ns, word(event.client), event.id);
    }
    return fmt::format("{} {} alloc {} {} {} {} {:#x}", event.time_ns, word(event.client), event.id,
                       event.size, event.align, word(event.heap), event.flags);
}

std::string lost_line(std::uint64_t time_ns, std::uint64_t count) {
    return fmt::format("{} - lost {}", time_ns, count);
}

}  // namespace ion
