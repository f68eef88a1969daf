// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a trace. What is read, written again, must be read as the same; what is refused names its line.

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "heaps/trace/trace.h"

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

ion::Result<ion::Trace> read(const std::string& text) {
    std::istringstream in(text);
    return ion::read_trace(in, "t");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto trace = read(std::string(reinterpret_cast<const char*>(data), size));
    if (!trace) {
        require(trace.error().code == EINVAL && trace.error().context.starts_with("t:"));
        return 0;
    }
    std::string text = std::string(ion::kTraceHeader) + "\n";
    if (trace->lost != 0) {
        text += ion::lost_line(0, trace->lost) + "\n";
    }
    for (const ion::TraceEvent& event : trace->events) {
        text += ion::trace_line(event) + "\n";
    }
    const auto again = read(text);
    require(again && again->lost == trace->lost && again->events == trace->events);
    return 0;
}
