// SPDX-License-Identifier: Apache-2.0

#include "heaps/trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace ion {
namespace {

Result<Trace> read(const std::string& text) {
    std::istringstream in(text);
    return read_trace(in, "t");
}

Result<Trace> read_lines(const std::string& lines) {
    return read("ion-trace 1\n" + lines);
}

const TraceEvent kAlloc{.time_ns = 5,
                        .client = "camera",
                        .op = TraceOp::kAlloc,
                        .id = 7,
                        .size = 8192,
                        .align = 4096,
                        .heap = "sf",
                        .flags = 0x80000001};
const TraceEvent kFree{.time_ns = 9, .client = "display", .op = TraceOp::kFree, .id = 7, .heap = {}};

TEST(Trace, ReadsWhatIsDocumented) {
    const auto trace =
        read_lines("# comment\n\n5 camera alloc 7 8192 0x1000 sf 0x80000001\n9 display free 7\n");
    ASSERT_TRUE(trace) << trace.error().context;
    EXPECT_THAT(trace->events, ::testing::ElementsAre(kAlloc, kFree));
    EXPECT_EQ(trace->lost, 0U);
}

TEST(Trace, ReadsWhatItWrites) {
    TraceEvent odd = kAlloc;
    odd.client = "a b%\n#\xff";
    odd.heap = "";
    const auto trace = read_lines(trace_line(odd) + "\n" + trace_line(kFree) + "\n" + lost_line(9, 3) + "\n");
    ASSERT_TRUE(trace) << trace.error().context;
    EXPECT_THAT(trace->events, ::testing::ElementsAre(odd, kFree));
    EXPECT_EQ(trace->lost, 3U);
}

TEST(Trace, ForgivesReleasesOfWhatWasLostAfterAGapOnly) {
    const std::string free = "9 c free 1\n10 c alloc 2 4096 0 h 0\n";
    EXPECT_EQ(read_lines(free).error().context,
              "t:2: buffer 1 is freed, but was not allocated, and nothing was lost before");
    const auto trace = read_lines("3 - lost 4\n" + free);
    ASSERT_TRUE(trace) << trace.error().context;
    EXPECT_EQ(trace->events.size(), 1U);
    EXPECT_EQ(read_lines("3 - lost 4\n9 c free 1\n9 c free 1\n").error().context,
              "t:4: buffer 1 is freed twice");
}

struct Mistake {
    const char* text;
    const char* context;
};

class TraceMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(TraceMistakes, AreNamedWithTheirLine) {
    const auto trace = read(GetParam().text);
    ASSERT_FALSE(trace);
    EXPECT_EQ(trace.error().code, EINVAL);
    EXPECT_EQ(trace.error().context, GetParam().context);
}

INSTANTIATE_TEST_SUITE_P(
    All, TraceMistakes,
    ::testing::Values(
        Mistake{"", "t: there is no event in it"}, Mistake{"ion-trace 1\n", "t: there is no event in it"},
        Mistake{"ion-trace 2\n", "t:1: the first line is not \"ion-trace 1\""},
        Mistake{"1 c free 1\n", "t:1: the first line is not \"ion-trace 1\""},
        Mistake{"ion-trace 1\n1 c alloc 1 4096 0 h 0", "t:2: the last line is not complete"},
        Mistake{"ion-trace 1\nnonsense\n", "t:2: a line is TIME CLIENT alloc|free|lost ..."},
        Mistake{"ion-trace 1\n-1 c free 1\n", "t:2: time \"-1\" is no number of nanoseconds"},
        Mistake{"ion-trace 1\n18446744073709551616 c free 1\n",
                "t:2: time \"18446744073709551616\" is no number of nanoseconds"},
        Mistake{"ion-trace 1\n2 c alloc 1 1 0 h 0\n1 c free 1\n", "t:3: time 1 is before 2, the line above"},
        Mistake{"ion-trace 1\n1 c move 1\n", "t:2: \"move\" is none of alloc, free and lost"},
        Mistake{"ion-trace 1\n1 c% free 1\n", "t:2: \"c%\" is no client"},
        Mistake{"ion-trace 1\n1 c free x\n", "t:2: \"x\" is no buffer id"},
        Mistake{"ion-trace 1\n1 c free 1 2\n", "t:2: such a line is TIME CLIENT free ID"},
        Mistake{"ion-trace 1\n1 c alloc 1 4096 0 h\n",
                "t:2: such a line is TIME CLIENT alloc ID SIZE ALIGN HEAP FLAGS"},
        Mistake{"ion-trace 1\n1 c alloc 1 0 0 h 0\n", "t:2: size \"0\" is no number of bytes above 0"},
        Mistake{"ion-trace 1\n1 c alloc 1 1 0x h 0\n", "t:2: alignment \"0x\" is no number of bytes"},
        Mistake{"ion-trace 1\n1 c alloc 1 1 0 %4g 0\n", "t:2: \"%4g\" is no heap"},
        Mistake{"ion-trace 1\n1 c alloc 1 1 0 h 0x100000000\n",
                "t:2: flags \"0x100000000\" are no number of 32 bits"},
        Mistake{"ion-trace 1\n1 c alloc 1 1 0 h 0\n2 c alloc 1 1 0 h 0\n",
                "t:3: buffer 1 has been allocated before"},
        Mistake{"ion-trace 1\n1 c lost 1\n", "t:2: such a line is TIME - lost COUNT"},
        Mistake{"ion-trace 1\n1 - lost 0\n", "t:2: such a line is TIME - lost COUNT"}));

TEST(Trace, RefusesLinesWithoutEnd) {
    EXPECT_EQ(read_lines("#" + std::string(2000, 'x') + "\n").error().context,
              "t:2: the line is longer than 1024 bytes");
}

}  // namespace
}  // namespace ion
