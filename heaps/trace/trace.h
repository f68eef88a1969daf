// SPDX-License-Identifier: Apache-2.0
//
// Trace: what programs allocated and freed, and when. docs/traces.md has the text format.

#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace ion {

/// First line of a trace.
inline constexpr std::string_view kTraceHeader = "ion-trace 1";

enum class TraceOp : std::uint8_t { kAlloc, kFree };

struct TraceEvent {
    std::uint64_t time_ns = 0;  ///< since the beginning of the trace
    std::string client;
    TraceOp op = TraceOp::kAlloc;
    std::uint64_t id = 0;  ///< of the buffer; names one buffer in the whole trace
    // kAlloc only:
    std::uint64_t size = 0;   ///< bytes, above 0
    std::uint64_t align = 0;  ///< bytes, as asked for; 0 for none
    std::string heap;
    std::uint32_t flags = 0;
    friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

struct Trace {
    std::vector<TraceEvent> events;  ///< by time; a buffer is freed at most once, and after its allocation
    std::uint64_t lost = 0;          ///< events that the recorder could not keep up with
};

/// Reads a whole trace. A free of a buffer whose allocation was lost is left out.
///
/// Errors: EINVAL with "NAME:LINE: what is wrong" for the first mistake; EIO when `in` fails.
[[nodiscard]] Result<Trace> read_trace(std::istream& in, const std::string& name);

/// The line of an event, without newline. What cannot stand in a word of a trace is written as %XX.
[[nodiscard]] std::string trace_line(const TraceEvent& event);

/// The line that says how many events are missing before `time_ns`.
[[nodiscard]] std::string lost_line(std::uint64_t time_ns, std::uint64_t count);

}  // namespace ion
