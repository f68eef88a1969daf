// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/system_journal.h"

#include <gtest/gtest.h>

namespace ion {
namespace {

using namespace std::string_literals;

TEST(JournalEntry, AFieldIsALine) {
    JournalEntry entry;
    entry.add("MESSAGE", "ready");
    entry.add("PRIORITY", "6");
    EXPECT_EQ(entry.bytes(), "MESSAGE=ready\nPRIORITY=6\n");
}

TEST(JournalEntry, AValueWithLinesCannotForgeAField) {
    JournalEntry entry;
    entry.add("MESSAGE", "a\nPRIORITY=0");
    EXPECT_EQ(entry.bytes(), "MESSAGE\n\x0c\0\0\0\0\0\0\0a\nPRIORITY=0\n"s);
}

}  // namespace
}  // namespace ion
