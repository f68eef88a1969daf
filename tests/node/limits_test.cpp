// SPDX-License-Identifier: Apache-2.0
//
// Limits and access, as a refused program, the reader of the usage files and the next program see them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/node/live_daemon.h"

namespace ion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kSystem = "0x1";

/// What "refused" prints for `count` pages of the system heap, started as setpriv's `as` says: from within the daemon's
/// folder, which lies in one that is closed to others.
std::vector<std::string> ask(const Daemon& daemon, const std::string& count, const std::string& as = {}) {
    const std::string& folder = daemon.directory();
    const std::string device = daemon.device().starts_with(folder + "/")
                                   ? daemon.device().substr(folder.size() + 1)
                                   : daemon.device();
    const std::string copy = folder + "/refused";
    std::filesystem::copy_file(client_path("refused"), copy);
    Program program("/bin/sh", {"-c", "cd " + folder + " && exec " + (as.empty() ? as : "setpriv " + as) +
                                          " ./refused " + device + " " + kSystem + " " + count});
    auto lines = program.read_lines();
    EXPECT_EQ(program.wait(), 0);
    std::filesystem::remove(copy);
    return lines;
}

std::string refusals(const Daemon& daemon) {
    return read_file(daemon.usage() + "/refusals");
}

TEST(Limits, EachIsRefusedExplainedAndLeavesNothing) {
    struct Case {
        const char* config;
        const char* reason;
    };
    for (const Case& one :
         {Case{"[limits.client]\nbytes = \"40K\"\n", "limits.client.bytes is 40K: 40K held"},
          Case{"[limits.client]\nbuffers = 10\n", "limits.client.buffers is 10: 10 held"},
          Case{"[limits.client]\nhandles = 10\n", "limits.client.handles is 10: 10 held"},
          Case{"[limits.uid]\nbytes = \"40K\"\n", "limits.uid.bytes is 40K: 40K held"},
          Case{"[limits.uid]\nbuffers = 10\n", "limits.uid.buffers is 10: 10 held"},
          Case{"[limits.uid]\nhandles = 10\n", "limits.uid.handles is 10: 10 held"},
          Case{"[limits.cgroup]\nbytes = \"40K\"\n", "limits.cgroup.bytes is 40K: 40K held"},
          Case{"[limits.cgroup]\nbuffers = 10\n", "limits.cgroup.buffers is 10: 10 held"},
          Case{"[limits.cgroup]\nhandles = 10\n", "limits.cgroup.handles is 10: 10 held"}}) {
        SCOPED_TRACE(one.reason);
        Daemon daemon({.config = one.config});
        EXPECT_THAT(ask(daemon, "15"), ElementsAre("ok 10", "12 5"));
        EXPECT_THAT(refusals(daemon), HasSubstr(one.reason));
        EXPECT_TRUE(daemon.wait_until_empty());
        EXPECT_THAT(ask(daemon, "10"), ElementsAre("ok 10")) << "what ended is charged no more";
        EXPECT_TRUE(daemon.wait_until_empty());
        daemon.stop();
    }
}

TEST(Limits, OfAHeapRefuseThatHeapAlone) {
    for (const std::string scope : {"client", "uid", "cgroup", "total"}) {
        SCOPED_TRACE(scope);
        Daemon daemon(
            {.config = heap_table("system", "system", 0, "[heap.limits." + scope + "]\nbuffers = 3\n")});
        EXPECT_THAT(ask(daemon, "5"), ElementsAre("ok 3", "12 2"));
        EXPECT_THAT(refusals(daemon), HasSubstr("system: heap.limits." + scope + ".buffers is 3: 3 held"));
        EXPECT_TRUE(daemon.wait_until_empty());
        daemon.stop();
    }
}

TEST(Limits, OfAUserHoldOverItsProcesses) {
    Daemon daemon({.config = "[limits.uid]\nbuffers = 2\n"});
    Allocator first(daemon, 1);
    Allocator second(daemon, 1);
    EXPECT_EQ(first.allocate(), "ok");
    EXPECT_EQ(second.allocate(), "ok");
    EXPECT_EQ(first.allocate(), "12");
    first.end();
    EXPECT_TRUE(eventually([&] { return second.allocate() == "ok"; }));
    second.end();
    daemon.stop();
}

TEST(Limits, AreCountedOnByANewWorker) {
    Daemon daemon({.config = "[limits.client]\nbuffers = 2\n"});
    Allocator client(daemon, 1);
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(client.allocate(), "ok");
    daemon.kill_worker();
    EXPECT_EQ(client.allocate(), "12");
    client.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Limits, ChangeWithAReloadWhileBuffersAreHeld) {
    const ScratchFile file("[limits.client]\nbuffers = 1\n");
    Daemon daemon({.arguments = {"--config", file.path()}});
    Allocator client(daemon, 1);
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(client.allocate(), "12");
    file.write("[limits.client]\nbuffers = 2\n" + heap_table("system", "system", 0, "uids = [0]\n"));
    ASSERT_EQ(ionctl(daemon, "heap reload").status, 0);
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(client.allocate(), "12");
    client.end();
    daemon.stop();
}

TEST(Access, IsDecidedByTheUserAndItsGroups) {
    namespace fs = std::filesystem;
    Daemon daemon({.config = heap_table("system", "system", 0, "uids = [65533]\ngids = [54321]\n")});
    if (tests_use_cuse()) {  // as a udev rule does
        fs::permissions(daemon.device(), fs::perms::others_read | fs::perms::others_write,
                        fs::perm_options::add);
    }
    const std::string nobody = "--reuid 65534 --regid 65534 ";
    EXPECT_THAT(ask(daemon, "1", nobody + "--clear-groups"), ElementsAre("ok 0", "13 1"));
    EXPECT_THAT(refusals(daemon), HasSubstr("system: uid 65534 may not allocate from it"));
    EXPECT_THAT(ask(daemon, "1", nobody + "--groups 100,54321"), ElementsAre("ok 1"));
    EXPECT_THAT(ask(daemon, "1", "--reuid 65534 --regid 54321 --clear-groups"), ElementsAre("ok 1"));
    EXPECT_THAT(ask(daemon, "1", "--reuid 65533 --regid 65534 --clear-groups"), ElementsAre("ok 1"));
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
