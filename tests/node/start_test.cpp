// SPDX-License-Identifier: Apache-2.0
//
// Starts that fail, daemons that are killed, and what both leave behind: nothing.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

namespace fs = std::filesystem;

/// A fresh directory, removed with its object.
class Scratch {
  public:
    Scratch() { EXPECT_NE(::mkdtemp(path_.data()), nullptr); }
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_ = "/tmp/ion-start-XXXXXX";
};

struct Ended {
    int status = -1;  ///< exit status
    std::vector<std::string> lines;
};

/// Runs a shell command to its end, "iond" being this build's.
Ended run(const std::string& command) {
    Program shell("/bin/sh", {"-c", "iond() { " ION_BINARY_DIR "/bin/iond \"$@\"; }; exec 2>&1; " + command});
    Ended ended;
    ended.lines = shell.read_lines();
    const int status = shell.wait();
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ended;
}

/// One line, with `text` in it, and status 1.
void expect_refusal(const Ended& ended, const std::string& text) {
    EXPECT_EQ(ended.status, 1);
    ASSERT_EQ(ended.lines.size(), 1U) << ::testing::PrintToString(ended.lines);
    EXPECT_NE(ended.lines.front().find(text), std::string::npos) << ended.lines.front();
}

TEST(Start, OccupiedNameOfTheDeviceIsRefused) {
    const Scratch scratch;
    expect_refusal(run("iond --transport cuse --device-name null --runtime-dir " + scratch / "run"),
                   "/dev/null is occupied");
    EXPECT_FALSE(fs::exists(scratch / "run"));
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(Start, OccupiedLinkToTheNodeIsRefused) {
    const Scratch scratch;
    // A /dev and a /run of its own, because without --runtime-dir these are what it uses.
    const std::string dev = scratch / "dev";
    const std::string setup = "set -e; mkdir " + dev + "; mount -t tmpfs none " + dev + "; touch " + dev +
                              "/fuse " + dev + "/ion; mount --bind /dev/fuse " + dev +
                              "/fuse; mount --rbind " + dev + " /dev; mount -t tmpfs none /run; set +e; ";
    expect_refusal(run("unshare -m sh -c '" + setup + ION_BINARY_DIR +
                       "/bin/iond --transport node; status=$?; ls /run; exit $status'"),
                   "/dev/ion is occupied");
}

TEST(Start, MissingCuseIsRefusedWithTheRemedy) {
    const Scratch scratch;
    const std::string in_empty_dev = "unshare -m sh -c 'mount -t tmpfs none /dev && exec ";
    expect_refusal(run(in_empty_dev + ION_BINARY_DIR "/bin/iond --transport cuse --runtime-dir " +
                       scratch / "run" + "'"),
                   "cannot open /dev/cuse");
    EXPECT_FALSE(fs::exists(scratch / "run"));
}

TEST(Start, SecondDaemonInADirectoryIsRefusedAndTheFirstServesOn) {
    Daemon daemon;
    expect_refusal(run("iond --transport node --runtime-dir " + daemon.directory()),
                   "another iond runs here");
    EXPECT_TRUE(daemon.serves());
    daemon.stop();
}

TEST(Start, MistakesInTheConfigurationAreNamedByFileLineAndColumn) {
    const Scratch scratch;
    std::ofstream(scratch / "bad.toml") << "personality = \"auto\"\n\n[limitz]\n";
    expect_refusal(run("iond --config " + scratch / "bad.toml" + " --runtime-dir " + scratch / "run"),
                   scratch / "bad.toml:3:");
    expect_refusal(run("iond --check-config --config " + scratch / "bad.toml"), scratch / "bad.toml:3:");
    EXPECT_FALSE(fs::exists(scratch / "run"));
}

TEST(Start, CheckOfAGoodConfigurationStartsNothing) {
    const Scratch scratch;
    std::ofstream(scratch / "good.toml") << "personality = \"legacy\"\n";
    const Ended ended =
        run("iond --check-config --config " + scratch / "good.toml" + " --runtime-dir " + scratch / "run");
    EXPECT_EQ(ended.status, 0);
    EXPECT_EQ(ended.lines, std::vector<std::string>{"configuration ok: 5 heaps"});
    EXPECT_FALSE(fs::exists(scratch / "run"));
}

TEST(Killed, KeeperTakesAllItsProcessesWithIt) {
    Daemon daemon;
    daemon.kill_keeper();
    EXPECT_TRUE(eventually([&] { return daemon.processes().empty(); }));
}

TEST(Killed, KeeperWithClientsTakesAllItsProcessesWithIt) {
    Daemon daemon;
    Program client(client_path("objects"), {daemon.device(), "hold"});
    EXPECT_EQ(client.read_line(), "holds");
    daemon.kill_keeper();
    EXPECT_TRUE(eventually([&] { return daemon.processes().empty(); }));
    client.write_line();
    EXPECT_EQ(client.read_line(), "content 401d");
    EXPECT_EQ(client.wait(), 0);
}

TEST(Killed, NextStartCleansUpAfterIt) {
    Daemon first;
    first.kill_keeper();
    ASSERT_TRUE(eventually([&] { return first.processes().empty(); }));
    Daemon second({.directory = first.directory()});
    EXPECT_TRUE(second.serves());
    EXPECT_TRUE(second.wait_until_empty());
    second.stop();
    EXPECT_FALSE(fs::exists(first.directory())) << "the first one's directories are left";
}

}  // namespace
}  // namespace ion::test
