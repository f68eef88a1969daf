// SPDX-License-Identifier: Apache-2.0

#include "client/views/text.h"

#include <gtest/gtest.h>

#include "client/views/json.h"
#include "client/views/table.h"

namespace ion::views {
namespace {

TEST(SizeText, RoundsDownWithOneDigit) {
    EXPECT_EQ(size_text(0), "0");
    EXPECT_EQ(size_text(1023), "1023");
    EXPECT_EQ(size_text(1024), "1.0K");
    EXPECT_EQ(size_text((1 << 20) - 1), "1023.9K");
    EXPECT_EQ(size_text(1 << 20), "1.0M");
    EXPECT_EQ(size_text(50642944), "48.2M") << "48.296...";
    EXPECT_EQ(size_text(std::uint64_t{3} << 39), "1.5T");
    EXPECT_EQ(size_text(UINT64_MAX), "15.9E");
}

TEST(SizeText, IsExactWhenThatIsAskedFor) {
    EXPECT_EQ(size_text(50642944, Sizes::kExact), "50642944");
}

TEST(Printable, LeavesNothingThatATerminalActsUpon) {
    EXPECT_EQ(printable("a\x1b[2J\n\t\x7f\xc3\xa9~ z"), "a?[2J?????~ z");
}

TEST(Counted, KnowsTheSingular) {
    EXPECT_EQ(counted(0, "run"), "0 runs");
    EXPECT_EQ(counted(1, "run"), "1 run");
    EXPECT_EQ(counted(2, "run"), "2 runs");
    EXPECT_EQ(counted(2, "process"), "2 processes");
}

TEST(Fragmentation, IsTheShareOfWhatIsFreeOutsideTheLongestRun) {
    EXPECT_EQ(fragmentation(0, 0), 0);
    EXPECT_EQ(fragmentation(4096, 4096), 0);
    EXPECT_DOUBLE_EQ(fragmentation(4 * 4096, 4096), 0.75);
}

TEST(Table, IsAsWideAsItsWords) {
    Table table({{"NAME"}, {"SIZE", kRight}, {"MORE"}});
    table.add({"a", "1", ""});
    table.add({"longer\nname", "1000", "x"});
    EXPECT_EQ(table.text("  "),
              "  NAME         SIZE  MORE\n"
              "  a               1  -\n"
              "  longer?name  1000  x\n");
}

TEST(JsonText, ReplacesBytesThatAreNoUtf8) {
    Json document = json_document("test");
    document["name"] = "a\xff";
    EXPECT_EQ(json_line(document), "{\"schema\":1,\"kind\":\"test\",\"name\":\"a\xef\xbf\xbd\"}\n");
}

}  // namespace
}  // namespace ion::views
