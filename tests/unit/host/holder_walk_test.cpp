// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/holder_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/file_id.h"
#include "daemon/base/unique_fd.h"
#include "heaps/memfd.h"

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kPage = 4096;

/// This process as a holder of one file.
class HolderWalk : public testing::Test {
  protected:
    HolderWalk() : fd_(*make_sealed_memfd("ion", 4 * kPage)), file_(*file_id_of(fd_.get())) {}

    [[nodiscard]] std::vector<BufferHolder> holders(const std::set<pid_t>& without = {}) const {
        const BufferHolders found = find_holders("/proc", without, 0);
        const auto here = found.by_file.find(file_);
        return here == found.by_file.end() ? std::vector<BufferHolder>() : here->second;
    }

    UniqueFd fd_;
    FileId file_;
};

TEST_F(HolderWalk, FindsDescriptorsByNumber) {
    const UniqueFd second(::dup(fd_.get()));
    const auto found = holders();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].pid, ::getpid());
    EXPECT_EQ(found[0].uid, ::geteuid());
    EXPECT_FALSE(found[0].comm.empty());
    EXPECT_THAT(found[0].fds, ElementsAre(fd_.get(), second.get()));
    EXPECT_THAT(found[0].mappings, IsEmpty());
    EXPECT_THAT(holders({::getpid()}), IsEmpty());
}

TEST_F(HolderWalk, FindsMappingsByAddressAndJoinsTheirParts) {
    void* const bytes = ::mmap(nullptr, 4 * kPage, PROT_READ, MAP_SHARED, fd_.get(), 0);
    ASSERT_NE(bytes, MAP_FAILED);
    ASSERT_EQ(::mprotect(bytes, kPage, PROT_NONE), 0);  // two lines of one mapping
    fd_.reset();
    const auto from = reinterpret_cast<std::uint64_t>(bytes);

    auto found = holders();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_THAT(found[0].fds, IsEmpty());
    EXPECT_THAT(found[0].mappings, ElementsAre(std::pair(from, from + 4 * kPage)));

    ASSERT_EQ(::munmap(static_cast<std::byte*>(bytes) + kPage, kPage), 0);  // a hole
    found = holders();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_THAT(found[0].mappings,
                ElementsAre(std::pair(from, from + kPage), std::pair(from + 2 * kPage, from + 4 * kPage)));

    ASSERT_EQ(::munmap(bytes, 4 * kPage), 0);
    EXPECT_THAT(holders(), IsEmpty());
}

TEST(HolderWalkElsewhere, SeesNobodyWhereThereIsNoProcfs) {
    const BufferHolders found = find_holders("/nowhere", {}, 0);
    EXPECT_THAT(found.by_file, IsEmpty());
    EXPECT_FALSE(found.sees_everybody);
}

/// A child without rights on this process counts it as unseen. Skipped where this process has no other user to become.
TEST(HolderWalkElsewhere, CountsWhatItMayNotLookInto) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to become somebody else";
    }
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr uid_t kNobody = 65534;
        if (::setresgid(kNobody, kNobody, kNobody) != 0 || ::setresuid(kNobody, kNobody, kNobody) != 0) {
            ::_exit(2);
        }
        ::_exit(find_holders("/proc", {}, 0).unseen > 0 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ion
