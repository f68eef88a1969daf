// SPDX-License-Identifier: Apache-2.0
//
// [usage] of the configuration: who may read the usage files, what of others they see, which files there are, and who
// is named for growing. As root and as nobody.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "daemon/abi/uapi_legacy.h"
#include "daemon/base/unique_fd.h"
#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kNobody = "--reuid 65534 --regid 65534 --clear-groups ";
constexpr const char* kMember = "--reuid 65534 --regid 65534 --groups 4242 ";

/// A daemon with one client, this process, that has three pages of "system".
class UsageAccess : public testing::Test {
  protected:
    void start(const std::string& usage) {
        daemon_.emplace(DaemonTraits{.config = "[usage]\n" + usage + "\n"});
        client_.reset(::open(daemon_->device().c_str(), O_RDWR | O_CLOEXEC));
        ASSERT_TRUE(client_);
        allocate(0x3000);
    }
    void allocate(std::uint64_t length) {
        abi::uapi::Alloc64 wire{};
        wire.len = length;
        wire.heap_id_mask = 1;
        ASSERT_EQ(::ioctl(client_.get(), abi::uapi::kAlloc64, &wire), 0);
    }
    /// Both outputs of a shell command in the usage mount, run by somebody else.
    [[nodiscard]] std::string as(const char* who, const std::string& command) const {
        Program shell("/bin/sh",
                      {"-c", "exec 2>&1; cd " + daemon_->usage() + " && exec setpriv " + who + command});
        std::string text;
        for (const std::string& line : shell.read_lines()) {
            text += line + "\n";
        }
        (void)shell.wait();
        return text;
    }
    [[nodiscard]] std::string text(const std::string& file) const {
        return read_file(daemon_->usage() + "/" + file);
    }
    void stop() {
        client_.reset();
        EXPECT_TRUE(daemon_->wait_until_empty());
        daemon_->stop();
    }

    std::optional<Daemon> daemon_;
    UniqueFd client_;
    std::string pid_ = std::to_string(::getpid());
};

TEST_F(UsageAccess, EverybodySeesEverythingUnlessToldOtherwise) {
    start("");
    EXPECT_EQ(as(kNobody, "cat heaps/system"), text("heaps/system"));
    EXPECT_THAT(as(kNobody, "cat buffers/1"), HasSubstr("creator_pid: " + pid_ + "\n"));
    stop();
}

TEST_F(UsageAccess, FilesBelongToTheGroupThatMayReadThem) {
    start("group = 4242\naccess = \"group\"");
    EXPECT_THAT(as(kNobody, "cat metrics"), HasSubstr("Permission denied"));
    EXPECT_THAT(as(kNobody, "ls heaps"), HasSubstr("Permission denied"));
    EXPECT_THAT(as(kMember, "cat heaps/system"), HasSubstr(pid_));
    EXPECT_THAT(text("heaps/system"), HasSubstr(pid_)) << "root can always";
    struct stat status {};
    ASSERT_EQ(::stat((daemon_->usage() + "/metrics").c_str(), &status), 0);
    EXPECT_EQ(status.st_gid, 4242U);
    EXPECT_EQ(status.st_mode & 0777, 0440U);
    stop();
}

TEST_F(UsageAccess, RootAloneReadsWhereThatIsSaid) {
    start("group = 4242\naccess = \"root\"");
    EXPECT_THAT(as(kMember, "cat heaps/system"), HasSubstr("Permission denied"));
    EXPECT_THAT(text("heaps/system"), HasSubstr(pid_));
    stop();
}

TEST_F(UsageAccess, OthersAreHiddenFromWhoIsNotInTheGroup) {
    start("group = 4242\nhide = \"others\"");
    const std::string heap = as(kNobody, "cat heaps/system");
    EXPECT_THAT(heap, HasSubstr("          hidden                0            12288\n"));
    EXPECT_EQ(figure(heap, "total "), 12288);
    EXPECT_EQ(as(kNobody, "ls clients"), "");
    EXPECT_EQ(as(kNobody, "ls buffers"), "all\n");
    EXPECT_THAT(as(kNobody, "cat clients/" + pid_ + "-0"), HasSubstr("No such file"));
    EXPECT_THAT(as(kNobody, "cat buffers/1"), HasSubstr("No such file"));
    EXPECT_EQ(as(kNobody, "cat buffers/all"), "");
    EXPECT_THAT(as(kNobody, "ls"), Not(HasSubstr(pid_ + "\n")));
    EXPECT_THAT(as(kNobody, "cat metrics"), Not(HasSubstr("pid=\"" + pid_)));

    EXPECT_EQ(as(kMember, "cat heaps/system"), text("heaps/system"));
    EXPECT_THAT(as(kMember, "cat buffers/1"), HasSubstr("creator_pid: " + pid_ + "\n"));
    EXPECT_THAT(text("buffers/1"), HasSubstr("creator_pid: " + pid_ + "\n"));
    stop();
}

TEST_F(UsageAccess, LayoutsAreThoseThatWereChosen) {
    start("layouts = [\"b\"]");
    EXPECT_EQ(as(kNobody, "ls"), "buffers\nclients\nfaults\nheaps\nmap\nmetrics\nrefusals\n");
    stop();
}

TEST_F(UsageAccess, WhoAllocatesAndDoesNotFreeIsNamedOnce) {
    start("growth = \"16K\"");
    EXPECT_THAT(text("metrics"), Not(HasSubstr("ion_client_growth_bytes{")));
    for (int i = 0; i < 5; ++i) {
        allocate(0x1000);
    }
    EXPECT_THAT(text("metrics"),
                HasSubstr("ion_client_growth_bytes{client=\"" + pid_ + "-0\",pid=\"" + pid_ + "\","));
    const std::string named = "client " + pid_ + "-0 (";
    EXPECT_TRUE(eventually([&] { return daemon_->log().find(named) != std::string::npos; }));
    const std::string log = daemon_->log();
    EXPECT_EQ(log.find(named), log.rfind(named)) << log;
    EXPECT_THAT(log, HasSubstr(" without freeing any"));
    stop();
}

}  // namespace
}  // namespace ion::test
