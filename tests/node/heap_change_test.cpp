// SPDX-License-Identifier: Apache-2.0
//
// Heaps that come, go and change while clients of other heaps are served.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>

#include "tests/node/churn_load.h"
#include "tests/node/live_daemon.h"

namespace ion::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint32_t kAdded = 1U << 5;
const std::vector<std::string> kUsualHeaps{"carveout", "chunk",         "cma",
                                           "system",   "system_contig", "system_shrink"};

/// Asks by ionctl to add the heap of a text.
Answer add(const Daemon& daemon, const std::string& text) {
    const ScratchFile file(text);
    return ionctl(daemon, "heap add " + file.path());
}

TEST(HeapChange, AddAndRemoveLeaveClientsOfOtherHeapsAlone) {
    Daemon daemon;
    Load load(daemon);
    load.add("c", 2);
    load.add("b", 1);
    const pid_t worker = daemon.worker();
    for (int round = 0; round < 20; ++round) {
        ASSERT_EQ(add(daemon, heap_table("system", "extra", 5)).status, 0);
        Allocator client(daemon, kAdded);
        EXPECT_EQ(client.allocate(), "ok");
        client.end();
        ASSERT_TRUE(eventually([&] { return ionctl(daemon, "heap remove extra").status == 0; }));
        ASSERT_TRUE(load.advance(20));
    }
    load.finish();
    EXPECT_EQ(daemon.worker(), worker);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(HeapChange, AddedAndRemovedHeapsOutliveTheWorker) {
    Daemon daemon;
    ASSERT_EQ(
        add(daemon, "plugins = [\"" + plugin_file("unruly") + "\"]\n" + unruly_table("extra", 5)).status, 0);
    ASSERT_EQ(ionctl(daemon, "heap remove carveout").status, 0);
    Allocator client(daemon, kAdded);
    EXPECT_EQ(client.allocate(), "ok");
    for (int kill = 0; kill < 2; ++kill) {
        daemon.kill_worker();
        EXPECT_THAT(names_in(daemon.usage() + "/heaps"), AllOf(Contains("extra"), Not(Contains("carveout"))));
        EXPECT_EQ(figure(heap_text(daemon, "extra"), "total "), 4096 * (kill + 1));
        EXPECT_EQ(client.allocate(), "ok");
    }
    client.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    EXPECT_EQ(ionctl(daemon, "heap reload").status, 0);  // the files know nothing of these changes
    EXPECT_THAT(names_in(daemon.usage() + "/heaps"), AllOf(Contains("carveout"), Not(Contains("extra"))));
    daemon.stop();
}

TEST(HeapChange, HeapWithBuffersStaysAndItsHolderIsNamed) {
    Daemon daemon({.config = heap_table("system", "extra", 5)});
    Allocator client(daemon, kAdded);
    EXPECT_EQ(client.allocate(), "ok");
    const Answer refused = ionctl(daemon, "heap remove extra");
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.text, HasSubstr("heap \"extra\" has 1 buffers (4096 bytes), held by allocate (pid " +
                                        std::to_string(client.pid()) + ")"));
    EXPECT_EQ(client.allocate(), "ok");
    client.end();
    EXPECT_TRUE(eventually([&] { return ionctl(daemon, "heap remove extra").status == 0; }));
    daemon.stop();
}

TEST(HeapChange, MistakesAreSaidToWhoAsksAndChangeNothing) {
    Daemon daemon;
    const ScratchFile bad("[[heap]]\nname = \"x\"\ntype = \"carveout\"\nbase = 4096\nsize = \"huge\"\n");
    const Answer refused = ionctl(daemon, "heap add " + bad.path());
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.text, HasSubstr(bad.path() + ":5:8: heap.size: \"huge\""));
    EXPECT_THAT(add(daemon, heap_table("system", "system", 9)).text, HasSubstr("is there already"));
    EXPECT_THAT(add(daemon, heap_table("system", "x", 0)).text, HasSubstr("is taken by \"system\""));
    EXPECT_THAT(add(daemon, "preset = \"none\"\n").text, HasSubstr("must be one [[heap]] table"));
    EXPECT_THAT(ionctl(daemon, "heap remove x").text, HasSubstr("there is no heap \"x\""));
    EXPECT_THAT(add(daemon, "plugins = [\"/no/such.so\"]\n" + heap_table("system", "x", 9)).text,
                HasSubstr("plug-in /no/such.so: open"));
    EXPECT_EQ(names_in(daemon.usage() + "/heaps"), kUsualHeaps);
    daemon.stop();
}

class Reload : public testing::Test {
  protected:
    void start(const std::string& text) {
        file_.write(text);
        daemon_.emplace(DaemonTraits{.arguments = {"--config", file_.path()}});
    }
    ScratchFile file_{""};
    std::optional<Daemon> daemon_;
};

TEST_F(Reload, BySignalServesWhatTheFileSays) {
    start(heap_table("system", "one", 5));
    Load load(*daemon_);
    load.add("c", 1);
    file_.write(heap_table("system", "two", 6));
    ASSERT_EQ(::kill(daemon_->keeper(), SIGHUP), 0);
    EXPECT_TRUE(eventually([&] {
        const auto names = names_in(daemon_->usage() + "/heaps");
        auto expected = kUsualHeaps;
        expected.insert(expected.end(), {"two", "two_shrink"});
        return names == expected;
    }));
    file_.write("[[heap]\n");
    ASSERT_EQ(::kill(daemon_->keeper(), SIGHUP), 0);
    EXPECT_TRUE(eventually([&] {
        return daemon_->log().find("nothing has been reloaded: " + file_.path() + ":1:") != std::string::npos;
    }));
    EXPECT_THAT(names_in(daemon_->usage() + "/heaps"), Contains("two"));
    EXPECT_TRUE(load.advance(100));
    load.finish();
    daemon_->stop();
}

TEST_F(Reload, WithAMistakeSaysSoToIonctl) {
    start("");
    file_.write("\npersonality = 3\n");
    const Answer refused = ionctl(*daemon_, "heap reload");
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.text, HasSubstr(file_.path() + ":2:15: personality: must be a string"));
    file_.write("personality = \"legacy\"\n");
    EXPECT_THAT(ionctl(*daemon_, "heap reload").text, HasSubstr("personality: it cannot change"));
    daemon_->stop();
}

TEST_F(Reload, ReplacesTheHeapsOfARebuiltPlugin) {
    const ScratchFile plugin("");
    plugin.replace_by(plugin_file("unruly"));
    const std::string text = "plugins = [\"" + plugin.path() + "\"]\n" + unruly_table("odd", 5, "0x4000");
    start(text);
    Allocator client(*daemon_, kAdded);
    EXPECT_EQ(client.allocate(), "ok");
    EXPECT_THAT(ionctl(*daemon_, "heap reload").text,
                Not(HasSubstr("odd")));  // the same bytes: nothing to do
    plugin.replace_by(plugin_file("unruly_rebuilt"));
    EXPECT_THAT(ionctl(*daemon_, "heap reload").text, HasSubstr("heap \"odd\" has 1 buffers"));
    daemon_->kill_worker();  // the next one has the image that this one loaded
    EXPECT_EQ(client.allocate(), "ok");
    client.end();
    EXPECT_TRUE(eventually([&] { return ionctl(*daemon_, "heap reload").status == 0; }));
    Allocator next(*daemon_, kAdded);
    EXPECT_EQ(next.allocate(), "ok");
    EXPECT_EQ(next.allocate(), "ok");
    EXPECT_EQ(next.allocate(), std::to_string(EIO));
    EXPECT_THAT(daemon_->log(), HasSubstr("of plug-in unruly 2 threw"));
    EXPECT_THAT(daemon_->log(), Not(HasSubstr("of plug-in unruly 1 threw")));
    next.end();
    daemon_->stop();
}

TEST_F(Reload, ThatCrashesInAPluginChangesNothing) {
    start("");
    Load load(*daemon_);
    load.add("c", 1);
    file_.write("plugins = [\"" + plugin_file("bad_crash") + "\"]\n" + heap_table("crash", "x", 5));
    const Answer answer = ionctl(*daemon_, "heap reload");
    EXPECT_EQ(answer.status, 1);
    EXPECT_THAT(answer.text, HasSubstr("without an answer"));
    EXPECT_TRUE(eventually([&] {
        return daemon_->log().find("the worker was in make of heap \"x\" of plug-in bad 1") !=
               std::string::npos;
    }));
    EXPECT_TRUE(load.advance(100));
    load.finish();
    EXPECT_EQ(names_in(daemon_->usage() + "/heaps"), kUsualHeaps);
    daemon_->stop();
}

}  // namespace
}  // namespace ion::test
