// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/format.h"

#include <gtest/gtest.h>

#include <string>

namespace ion {
namespace {

TEST(Column, AlignsToTheRightIn16Bytes) {
    EXPECT_EQ(column(""), std::string(16, ' '));
    EXPECT_EQ(column("client"), "          client");
    EXPECT_EQ(column("0123456789abcdef"), "0123456789abcdef");
}

TEST(Column, KeepsALongerWordWhole) {
    EXPECT_EQ(column("0123456789abcdefg"), "0123456789abcdefg");
}

TEST(CutColumn, CutsALongerWord) {
    EXPECT_EQ(cut_column("0123456789abcdefg"), "0123456789abcdef");
}

TEST(Row, PutsABlankBetweenColumnsAndANewlineBehind) {
    EXPECT_EQ(row({"total ", "0"}), "          total                 0\n");
}

TEST(ProcessWord, KeepsPrintableBytes) {
    EXPECT_EQ(process_word("kworker/0:1-ev"), "kworker/0:1-ev");
}

TEST(ProcessWord, ReplacesWhatWouldBreakAColumnOrALine) {
    EXPECT_EQ(process_word("a b"), "a_b");
    EXPECT_EQ(process_word("a\nb\tc"), "a?b?c");
    EXPECT_EQ(process_word("\x1b\x7f\xff"), "???");
    EXPECT_EQ(process_word(std::string(1, '\0')), "?");
}

TEST(ProcessWord, IsNeverEmpty) {
    EXPECT_EQ(process_word(""), "?");
}

TEST(ProcessWord, LeavesABlankInItsColumn) {
    EXPECT_EQ(process_word("0123456789abcdef"), "0123456789abcde");
    EXPECT_EQ(column(process_word(std::string(99, 'x'))).front(), ' ');
}

}  // namespace
}  // namespace ion
