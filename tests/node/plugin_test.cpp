// SPDX-License-Identifier: Apache-2.0
//
// Plug-ins that throw or crash: the log names them, and everybody else is served on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/node/churn_load.h"
#include "tests/node/live_daemon.h"

namespace ion::test {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t kUnruly = 1U << 5;
constexpr std::uint32_t kSystem = 1U << 0;

/// The usual heaps, and "odd" (id 5) that does what `align` says.
std::string config(const std::string& align) {
    return "plugins = [\"" + plugin_file("unruly") + "\"]\n" + unruly_table("odd", 5, align);
}

TEST(Plugin, HeapServesLikeABuiltinOne) {
    Daemon daemon({.config = config("0x1000")});
    Allocator client(daemon, kUnruly);
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(figure(heap_text(daemon, "odd"), "total "), 4096);
    daemon.kill_worker();
    EXPECT_EQ(figure(heap_text(daemon, "odd"), "total "), 4096);
    EXPECT_EQ(client.allocate(), "ok");
    client.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Plugin, ThatThrowsIsNamedAndTheOthersServe) {
    Daemon daemon({.config = config("0x4000")});
    Load load(daemon);
    load.add("c", 1);
    Allocator client(daemon, kUnruly);
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(client.allocate(), std::to_string(EIO));
    EXPECT_THAT(daemon.log(),
                HasSubstr("allocate of heap \"odd\" of plug-in unruly 1 threw: unruly as told"));
    while (client.allocate() == std::to_string(EIO)) {
    }
    EXPECT_EQ(client.allocate(), std::to_string(ENODEV));
    EXPECT_THAT(daemon.log(), HasSubstr("heap \"odd\" of plug-in unruly 1 gets no more allocations"));
    EXPECT_TRUE(load.advance(100));
    load.finish();
    client.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Plugin, ThatCrashesIsNamedAndTheOthersServe) {
    Daemon daemon({.config = config("0x2000")});
    Load load(daemon);
    load.add("c", 1);
    Allocator client(daemon, kUnruly);
    const pid_t worker = daemon.worker();
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(client.allocate(), "ok");  // the next worker's first
    EXPECT_NE(daemon.worker(), worker);
    EXPECT_THAT(daemon.log(), HasSubstr("the worker was in allocate of heap \"odd\" of plug-in unruly 1"));
    EXPECT_TRUE(load.advance(100));
    load.finish();
    client.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Plugin, CallThatCrashesEachTimeIsAnError) {
    Daemon daemon({.config = config("0x10000")});
    Allocator client(daemon, kUnruly);
    Allocator other(daemon, kSystem);
    EXPECT_EQ(client.allocate(), std::to_string(EIO));
    // The request as it came: FUSE_IOCTL, its header's first word the size, 104 (80 of headers, 24 declared).
    EXPECT_THAT(daemon.log(), HasSubstr("a request of thread " + std::to_string(client.pid()) +
                                        " ended two workers and is answered EIO: opcode 39, "));
    EXPECT_EQ(other.allocate(), "ok");
    client.end();
    other.end();
    daemon.stop();
}

TEST(Plugin, ThatEndsEachWorkerAtItsStartIsLeftOut) {
    Daemon daemon({.config = config("0x8000")});
    Allocator client(daemon, kUnruly);
    Allocator other(daemon, kSystem);
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_EQ(other.allocate(), "ok");
    daemon.kill_worker();
    EXPECT_THAT(daemon.log(), HasSubstr("heap \"odd\" is left out"));
    EXPECT_EQ(client.allocate(), std::to_string(ENODEV));
    EXPECT_EQ(other.allocate(), "ok");
    EXPECT_EQ(figure(heap_text(daemon, "system"), "total "), 8192);
    client.end();
    other.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Plugin, ThatCannotBeLoadedIsRefusedAtTheStart) {
    const ScratchFile bad("plugins = [\"" + plugin_file("bad_version") + "\"]\n");
    Program check("/bin/sh", {"-c", "exec 2>&1; exec " ION_BINARY_DIR "/bin/iond --check-config --config " +
                                        bad.path()});
    const auto lines = check.read_lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_THAT(lines[0], HasSubstr(plugin_file("bad_version") + ": was built for version 7"));
    EXPECT_EQ(WEXITSTATUS(check.wait()), 1);
}

}  // namespace
}  // namespace ion::test
