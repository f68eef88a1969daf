// SPDX-License-Identifier: Apache-2.0
//
// Upgrades that are refused leave everything as it is; those that are not keep what clients have.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>

#include "tests/node/live_daemon.h"

namespace ion::test {
namespace {

using ::testing::HasSubstr;

namespace fs = std::filesystem;

constexpr std::uint32_t kSystem = 1U << 0;

/// A daemon that runs from a copy of the program, and clients of it.
class Upgraded : public ::testing::Test {
  protected:
    Upgraded() : former_(std::getenv("ION_DAEMON") != nullptr ? std::getenv("ION_DAEMON") : "") {
        program_.replace_by(this_build());
        ::setenv("ION_DAEMON", program_.path().c_str(), 1);
        daemon_.emplace();
    }
    ~Upgraded() override {
        former_.empty() ? ::unsetenv("ION_DAEMON") : ::setenv("ION_DAEMON", former_.c_str(), 1);
    }

    [[nodiscard]] std::string this_build() const {
        return former_.empty() ? ION_BINARY_DIR "/bin/iond" : former_;
    }

    void expect_refused(const std::string& why) {
        const pid_t worker = daemon_->worker();
        const Answer answer = ionctl(*daemon_, "upgrade");
        EXPECT_EQ(answer.status, 1);
        EXPECT_THAT(answer.text, HasSubstr(why));
        EXPECT_EQ(::kill(daemon_->keeper(), SIGUSR2), 0);
        EXPECT_TRUE(eventually([&] { return daemon_->log().find("not upgraded") != std::string::npos; }));
        EXPECT_THAT(daemon_->log(), HasSubstr(why));
        EXPECT_EQ(daemon_->worker(), worker);
        EXPECT_TRUE(daemon_->serves());
    }

    std::string former_;
    ScratchFile program_{""};
    std::optional<Daemon> daemon_;
};

TEST_F(Upgraded, ByAnotherFileAtItsPathKeepsWhatClientsHave) {
    Allocator client(*daemon_, kSystem);
    EXPECT_EQ(client.allocate(), "ok");
    const pid_t keeper = daemon_->keeper();
    const pid_t worker = daemon_->worker();
    program_.replace_by(this_build());

    const Answer answer = ionctl(*daemon_, "upgrade");

    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(answer.text, "worker " + std::to_string(daemon_->worker()) + " serves\n");
    EXPECT_NE(daemon_->worker(), worker);
    EXPECT_EQ(fs::read_symlink("/proc/" + std::to_string(keeper) + "/exe"), program_.path());
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(figure(heap_text(*daemon_, "system"), "total "), 8192);
    client.end();
    EXPECT_TRUE(daemon_->wait_until_empty());
    daemon_->stop();
}

TEST_F(Upgraded, ByWhatIsNoProgramIsRefused) {
    fs::remove(program_.path());
    program_.write("no program");
    fs::permissions(program_.path(), fs::perms::owner_all);
    expect_refused("cannot start " + program_.path());
    daemon_->stop();
}

TEST_F(Upgraded, FromAJournalOfAnotherVersionIsRefused) {
    const std::uint32_t version = set_journal_version(*daemon_, 99);
    expect_refused("the journal is of version 99; this program takes over from versions 1 and " +
                   std::to_string(version));
    set_journal_version(*daemon_, version);
    EXPECT_EQ(ionctl(*daemon_, "upgrade").status, 0);
    daemon_->stop();
}

}  // namespace
}  // namespace ion::test
