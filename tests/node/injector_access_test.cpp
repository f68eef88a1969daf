// SPDX-License-Identifier: Apache-2.0
//
// The injector's jobs that look into a client or copy to and from it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <ostream>
#include <string>
#include <thread>

#include "daemon/base/file_id.h"
#include "daemon/deliver/thread_status.h"
#include "tests/node/injector_fixture.h"

namespace ion::test {
namespace {

/// How the thread that is looked at differs from an ordinary one.
enum class Kind { kLeader, kThreadWithOwnTable, kLeaderHasExited };

std::string name_of(Kind kind) {
    switch (kind) {
        case Kind::kLeader:
            return "Leader";
        case Kind::kThreadWithOwnTable:
            return "ThreadWithOwnTable";
        case Kind::kLeaderHasExited:
            return "LeaderHasExited";
    }
    return "unknown";
}

void PrintTo(Kind kind, std::ostream* out) {
    *out << name_of(kind);
}

/// A process with one descriptor of its own, one page known to us, and the thread in question asleep.
class Subject {
  public:
    explicit Subject(Kind kind) : injector(-1) {
        auto* shared = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        facts_ = new (shared) Facts;
        page = static_cast<std::byte*>(
            ::mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        ::munmap(page + kPage, kPage);  // nothing follows
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            live(kind);
        }
        EXPECT_TRUE(eventually([&] { return facts_->tid.load() != 0; }));
        if (kind == Kind::kLeaderHasExited) {
            EXPECT_TRUE(eventually([&] { return leader_is_dead(); }));
        }
    }
    ~Subject() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        ::munmap(page, kPage);
        ::munmap(facts_, kPage);
    }
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    [[nodiscard]] pid_t tid() const { return facts_->tid; }
    [[nodiscard]] int fd() const { return facts_->fd; }
    [[nodiscard]] int path_fd() const { return facts_->path_fd; }
    [[nodiscard]] FileId id() const { return {facts_->device, facts_->inode}; }
    [[nodiscard]] std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(page); }

    static constexpr std::size_t kPage = 4096;

    InjectorProcess injector;
    std::byte* page = nullptr;

  private:
    struct Facts {
        std::atomic<pid_t> tid{0};
        int fd = -1;
        int path_fd = -1;
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
    };

    [[noreturn]] void live(Kind kind) {
        std::memset(page, 0x5a, kPage);
        if (kind == Kind::kLeader) {
            settle(false);
        }
        std::thread([this, kind] { settle(kind == Kind::kThreadWithOwnTable); }).detach();
        if (kind == Kind::kLeaderHasExited) {
            ::syscall(SYS_exit, 0);
        }
        while (true) {
            ::pause();
        }
    }

    [[noreturn]] void settle(bool own_table) {
        if (own_table) {
            ::unshare(CLONE_FILES);
        }
        facts_->fd = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        facts_->path_fd = ::open("/", O_PATH | O_CLOEXEC);
        const auto id = file_id_of(facts_->fd);
        facts_->device = id ? id->device : 0;
        facts_->inode = id ? id->inode : 0;
        facts_->tid = static_cast<pid_t>(::syscall(SYS_gettid));
        while (true) {
            ::pause();
        }
    }

    bool leader_is_dead() {
        siginfo_t info{};
        return ::access(("/proc/" + std::to_string(process_) + "/cwd").c_str(), F_OK) != 0 &&
               info.si_pid == 0;
    }

    Facts* facts_ = nullptr;
    pid_t process_ = -1;
};

class Threads : public ::testing::TestWithParam<Kind> {};

TEST_P(Threads, DescriptorIsIdentifiedByDeviceAndInode) {
    Subject subject(GetParam());

    const auto outcome =
        subject.injector.run({.kind = JobKind::kIdentify, .tid = subject.tid(), .fd_number = subject.fd()});

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, 0);
    EXPECT_EQ((FileId{outcome->result.device, outcome->result.inode}), subject.id());
}

TEST_P(Threads, MemoryIsReadAndWritten) {
    Subject subject(GetParam());
    const std::array<std::byte, 3> data{std::byte{1}, std::byte{2}, std::byte{3}};
    const auto write = subject.injector.run(
        {.kind = JobKind::kWrite, .tid = subject.tid(), .address = subject.address() + 8}, data);
    ASSERT_TRUE(write);
    EXPECT_EQ(write->result.error, 0);

    const auto read = subject.injector.run(
        {.kind = JobKind::kRead, .tid = subject.tid(), .address = subject.address() + 7, .length = 5});

    ASSERT_TRUE(read);
    EXPECT_EQ(read->result.error, 0);
    const std::vector<std::byte> expected{std::byte{0x5a}, data[0], data[1], data[2], std::byte{0x5a}};
    EXPECT_EQ(read->payload, expected);
}

TEST_P(Threads, RangeIsFoundInItsMapping) {
    Subject subject(GetParam());

    const auto outcome = subject.injector.run({.kind = JobKind::kCheckRange,
                                               .tid = subject.tid(),
                                               .address = subject.address(),
                                               .length = Subject::kPage});

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, 0);
    EXPECT_EQ(outcome->result.inode, 0U) << "anonymous memory";
    EXPECT_EQ(outcome->result.writable, 1U);
}

INSTANTIATE_TEST_SUITE_P(Injector, Threads,
                         ::testing::Values(Kind::kLeader, Kind::kThreadWithOwnTable, Kind::kLeaderHasExited),
                         [](const auto& test) { return name_of(test.param); });

TEST(Identify, IsBadDescriptorForAFreeNumberAndForAPath) {
    Subject subject(Kind::kLeader);
    for (const int number : {subject.path_fd() + 100, subject.path_fd(), -1}) {
        const auto outcome =
            subject.injector.run({.kind = JobKind::kIdentify, .tid = subject.tid(), .fd_number = number});

        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->result.error, EBADF) << number;
    }
}

TEST(Memory, IsFaultWhenPartOfItIsMissing) {
    Subject subject(Kind::kLeader);
    const Job read{.kind = JobKind::kRead,
                   .tid = subject.tid(),
                   .address = subject.address() + Subject::kPage - 4,
                   .length = 8};
    Job write = read;
    write.kind = JobKind::kWrite;
    const std::array<std::byte, 8> data{};

    const auto read_outcome = subject.injector.run(read);
    const auto write_outcome = subject.injector.run(write, data);

    ASSERT_TRUE(read_outcome && write_outcome);
    EXPECT_EQ(read_outcome->result.error, EFAULT);
    EXPECT_TRUE(read_outcome->payload.empty());
    EXPECT_EQ(write_outcome->result.error, EFAULT);
}

TEST(Memory, ReadOfTooMuchIsInvalid) {
    Subject subject(Kind::kLeader);

    const auto outcome = subject.injector.run({.kind = JobKind::kRead,
                                               .tid = subject.tid(),
                                               .address = subject.address(),
                                               .length = kMaxJobPayload + 1});

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, EINVAL);
}

TEST(Range, IsInvalidWhenItLeavesItsMappingOrWraps) {
    Subject subject(Kind::kLeader);
    const struct {
        std::uint64_t address, length;
    } ranges[] = {
        {subject.address(), Subject::kPage + 1},
        {subject.address() + Subject::kPage, 1},
        {subject.address() + 1, std::numeric_limits<std::uint64_t>::max()},
        {8, 8},
    };
    for (const auto& range : ranges) {
        const auto outcome = subject.injector.run({.kind = JobKind::kCheckRange,
                                                   .tid = subject.tid(),
                                                   .address = range.address,
                                                   .length = range.length});

        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->result.error, EINVAL) << std::hex << range.address << " + " << range.length;
    }
}

TEST(TakeFd, BringsACopyOfTheDescriptor) {
    Subject subject(Kind::kLeader);
    const Job job{.id = 1, .kind = JobKind::kTakeFd, .tid = subject.tid(), .fd_number = subject.fd()};
    for (int i = 0; i < 2; ++i) {  // also when the same job comes again
        subject.injector.send(job);
        const auto outcome = subject.injector.receive();

        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->result.error, 0);
        const auto id = file_id_of(outcome->descriptor.get());
        ASSERT_TRUE(id);
        EXPECT_EQ(*id, subject.id());
    }
}

TEST(TakeFd, NeverBringsTheLeadersDescriptorInsteadOfTheThreads) {
    Subject subject(Kind::kThreadWithOwnTable);

    const auto outcome =
        subject.injector.run({.kind = JobKind::kTakeFd, .tid = subject.tid(), .fd_number = subject.fd()});

    ASSERT_TRUE(outcome);
    if (outcome->result.error == 0) {  // Linux 6.9 reaches a thread's own table
        const auto id = file_id_of(outcome->descriptor.get());
        ASSERT_TRUE(id);
        EXPECT_EQ(*id, subject.id());
    } else {
        EXPECT_EQ(outcome->result.error, EBADF);
    }
}

TEST(TakeFd, RefusesWhatIsNoSocket) {
    // Closing a copy of a FUSE file would wait for its server, which may be the daemon itself.
    Subject subject(Kind::kLeader);

    const auto outcome =
        subject.injector.run({.kind = JobKind::kTakeFd, .tid = subject.tid(), .fd_number = STDERR_FILENO});

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, EINVAL);
    EXPECT_FALSE(outcome->descriptor);
}

TEST(TakeFd, IsBadDescriptorForAFreeNumber) {
    Subject subject(Kind::kLeader);

    const auto outcome = subject.injector.run(
        {.kind = JobKind::kTakeFd, .tid = subject.tid(), .fd_number = subject.fd() + 100});

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->result.error, EBADF);
    EXPECT_FALSE(outcome->descriptor);
}

TEST(Jobs, AreAbsenceForAThreadThatIsGone) {
    InjectorProcess injector(-1);
    const pid_t gone = ::fork();
    if (gone == 0) {
        ::_exit(0);
    }
    ::waitpid(gone, nullptr, 0);
    for (const auto kind :
         {JobKind::kIdentify, JobKind::kRead, JobKind::kWrite, JobKind::kCheckRange, JobKind::kTakeFd}) {
        for (const pid_t tid : {gone, 0}) {
            const std::array<std::byte, 1> data{};
            const auto outcome =
                injector.run({.kind = kind, .tid = tid, .address = 4096, .length = 1, .fd_number = 0}, data);

            ASSERT_TRUE(outcome);
            EXPECT_EQ(outcome->result.error, ESRCH) << static_cast<int>(kind) << " of " << tid;
        }
    }
}

}  // namespace
}  // namespace ion::test
