// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace ion {
namespace {

UniqueFd opened() {
    return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(UniqueFd, IsEmptyUnlessGivenADescriptor) {
    const UniqueFd empty;

    EXPECT_FALSE(empty);
    EXPECT_EQ(empty.get(), -1);
}

TEST(UniqueFd, ClosesItsDescriptorWhenItGoes) {
    int number = -1;
    {
        const UniqueFd fd = opened();
        ASSERT_TRUE(fd);
        number = fd.get();
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, MoveLeavesTheSourceEmpty) {
    UniqueFd from = opened();
    const int number = from.get();

    const UniqueFd to(std::move(from));

    EXPECT_EQ(to.get(), number);
    EXPECT_FALSE(from);  // NOLINT(bugprone-use-after-move): this is what is tested
    EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, MoveAssignmentClosesTheDescriptorHeldBefore) {
    UniqueFd held = opened();
    UniqueFd other = opened();
    const int before = held.get();
    const int after = other.get();

    held = std::move(other);

    EXPECT_FALSE(is_open(before));
    EXPECT_EQ(held.get(), after);
    EXPECT_TRUE(is_open(after));
}

TEST(UniqueFd, SurvivesAMoveToItself) {
    UniqueFd fd = opened();
    const int number = fd.get();
    UniqueFd& same = fd;

    fd = std::move(same);

    EXPECT_EQ(fd.get(), number);
    EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, ReleaseGivesTheDescriptorUpOpen) {
    UniqueFd fd = opened();

    const UniqueFd taken(fd.release());

    EXPECT_FALSE(fd);
    EXPECT_TRUE(is_open(taken.get()));
}

TEST(UniqueFd, ClosingKeepsErrno) {
    UniqueFd fd = opened();
    const int number = fd.release();
    UniqueFd stale(number);
    fd.reset(::dup(number));
    errno = ERANGE;

    fd.reset();
    EXPECT_EQ(errno, ERANGE);

    ASSERT_EQ(::close(number), 0);
    errno = ERANGE;
    stale.reset();  // close() itself fails with EBADF
    EXPECT_EQ(errno, ERANGE);
}

}  // namespace
}  // namespace ion
