// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/file_id.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <unordered_set>

#include "daemon/base/unique_fd.h"

namespace ion {
namespace {

TEST(FileId, IsThatOfTheObjectWhateverTheDescriptor) {
    const UniqueFd one(::memfd_create("one", MFD_CLOEXEC));
    const UniqueFd same(::dup(one.get()));
    const UniqueFd other(::memfd_create("one", MFD_CLOEXEC));
    ASSERT_TRUE(one && same && other);

    const auto id = file_id_of(one.get());

    ASSERT_TRUE(id);
    EXPECT_EQ(*id, *file_id_of(same.get()));
    EXPECT_NE(*id, *file_id_of(other.get()));
}

TEST(FileId, FailsForAClosedDescriptor) {
    const auto id = file_id_of(-1);

    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().code, EBADF);
}

TEST(FileId, SaysWhetherANumberIsStillThatObject) {
    const UniqueFd one(::memfd_create("one", MFD_CLOEXEC));
    const UniqueFd other(::memfd_create("one", MFD_CLOEXEC));
    const auto id = file_id_of(one.get());
    ASSERT_TRUE(id);

    EXPECT_TRUE(still_is(one.get(), *id));
    EXPECT_FALSE(still_is(other.get(), *id));
    EXPECT_FALSE(still_is(-1, *id));
}

TEST(FileId, IsAKeyOfHashTables) {
    const std::unordered_set<FileId> ids{{1, 2}, {2, 1}, {1, 2}};

    EXPECT_EQ(ids.size(), 2U);
    EXPECT_TRUE(ids.contains(FileId{2, 1}));
}

}  // namespace
}  // namespace ion
