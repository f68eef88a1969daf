// SPDX-License-Identifier: Apache-2.0

#include "heaps/memfd.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/heaps/heap_testing.h"

namespace ion {
namespace {

using ::testing::HasSubstr;

TEST(SealedMemfd, CanNeitherShrinkNorGrowNorBeSealedFurther) {
    const auto fd = make_sealed_memfd("test", 8192);
    ASSERT_TRUE(fd);
    EXPECT_EQ(::ftruncate(fd->get(), 4096), -1);
    EXPECT_EQ(::ftruncate(fd->get(), 16384), -1);
    EXPECT_EQ(::fcntl(fd->get(), F_ADD_SEALS, F_SEAL_WRITE), -1);
}

TEST(SealedMemfd, HasTheSizeAskedFor) {
    const auto fd = make_sealed_memfd("test", 12288);
    ASSERT_TRUE(fd);
    struct stat status {};
    ASSERT_EQ(::fstat(fd->get(), &status), 0);
    EXPECT_EQ(status.st_size, 12288);
}

TEST(SealedMemfd, IsRefusedWhenLargerThanAFileCanBe) {
    const auto fd = make_sealed_memfd("test", ~0ULL - 4095);
    ASSERT_FALSE(fd);
    EXPECT_EQ(fd.error().code, EINVAL);
}

TEST(MemfdMemory, ExportsReadWriteAndCloseOnExec) {
    const auto memory = MemfdMemory::create(4096);
    ASSERT_TRUE(memory);

    const auto exported = (*memory)->open_export();

    ASSERT_TRUE(exported);
    EXPECT_EQ(::fcntl(exported->get(), F_GETFL) & O_ACCMODE, O_RDWR);
    EXPECT_EQ(::fcntl(exported->get(), F_GETFD), FD_CLOEXEC);
}

TEST(MemfdMemory, LeavesNoLeaseBehindAfterALook) {
    const auto memory = MemfdMemory::create(4096);
    ASSERT_TRUE(memory);
    ASSERT_TRUE((*memory)->idle());
    EXPECT_EQ(::fcntl((*memory)->fd(), F_GETLEASE), F_UNLCK);
}

TEST(MemfdMemory, IsNotIdleWhileAReaderHasIt) {
    const auto memory = MemfdMemory::create(4096);
    ASSERT_TRUE(memory);
    const std::string path = "/proc/self/fd/" + std::to_string((*memory)->fd());
    UniqueFd reader(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(reader);

    EXPECT_FALSE((*memory)->idle());
    reader.reset();
    EXPECT_TRUE((*memory)->idle());
}

TEST(MemfdMemory, IsNoMemoryWhenTheDescriptorTableIsFull) {
    for (const unsigned spare : {0U, 1U}) {  // one for memfd_create, one to reopen it
        const FullDescriptorTable table(spare);
        const auto memory = MemfdMemory::create(4096);
        ASSERT_FALSE(memory);
        EXPECT_EQ(memory.error().code, ENOMEM);
        EXPECT_THAT(memory.error().context, HasSubstr("descriptor table is full"));
    }
}

TEST(MemfdMemory, CannotBeExportedWhenTheDescriptorTableIsFull) {
    const auto memory = MemfdMemory::create(4096);
    ASSERT_TRUE(memory);
    const FullDescriptorTable table(0);

    const auto exported = (*memory)->open_export();

    ASSERT_FALSE(exported);
    EXPECT_EQ(exported.error().code, ENOMEM);
    EXPECT_THAT(exported.error().context, HasSubstr("descriptor table is full"));
}

}  // namespace
}  // namespace ion
