// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/file_text.h"

#include <gtest/gtest.h>

namespace ion {
namespace {

TEST(FileText, IsAllOfAFile) {
    EXPECT_EQ(file_text("/proc/self/cmdline").back(), '\0');
    EXPECT_GT(file_text("/proc/self/smaps").size(), 4096U) << "more than one read";
}

TEST(FileText, IsEmptyWhenThereIsNoFile) {
    EXPECT_EQ(file_text("/proc/self/nothing"), "");
}

TEST(FileText, IsEmptyWhenTheReadFails) {
    EXPECT_EQ(file_text("/proc"), "");           // EISDIR
    EXPECT_EQ(file_text("/proc/self/mem"), "");  // EIO
}

}  // namespace
}  // namespace ion
