// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/holder_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "daemon/base/file_id.h"
#include "daemon/base/unique_fd.h"
#include "heaps/memfd.h"

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kPage = 4096;
constexpr std::chrono::seconds kPatience{20};

/// Waits until a process's leader is a zombie.
bool leader_ends(pid_t pid) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        const std::string stat{std::istreambuf_iterator<char>(file), {}};
        if (stat.find(") Z ") != std::string::npos) {
            return true;
        }
        std::this_thread::yield();
    }
    return false;
}

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

TEST_F(HolderWalk, FindsAProcessWhoseLeaderHasEnded) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[1]);
        std::thread([&] {
            char byte = 0;
            (void)!::read(ends[0], &byte, 1);  // until the test has ended
            ::_exit(0);
        }).detach();
        ::syscall(SYS_exit, 0);  // the leader alone
    }
    ::close(ends[0]);
    EXPECT_TRUE(leader_ends(child));
    const std::vector<BufferHolder> found = holders({::getpid()});
    EXPECT_THAT(found, SizeIs(1));
    EXPECT_EQ(found.empty() ? 0 : found[0].pid, child);
    ::close(ends[1]);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_THAT(holders({::getpid()}), IsEmpty());
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
