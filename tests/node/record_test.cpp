// SPDX-License-Identifier: Apache-2.0
//
// ionctl record beside a running daemon.

#include <gtest/gtest.h>

#include <csignal>
#include <sstream>

#include "heaps/trace/trace.h"
#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

std::string ionctl() {
    return ION_BINARY_DIR "/bin/ionctl";
}

Trace trace_of(const std::string& text) {
    std::istringstream in(text);
    auto trace = read_trace(in, "recorded");
    EXPECT_TRUE(trace) << trace.error().context << "\n" << text;
    return trace ? *std::move(trace) : Trace{};
}

TEST(Record, WritesWhatClientsAllocateAndFree) {
    const Daemon daemon;
    const std::string output = daemon.directory() + "/trace";
    Program early(client_path("objects"), {daemon.device(), "hold"});
    ASSERT_TRUE(early.read_line());
    Program recorder(ionctl(), {"--runtime-dir", daemon.directory(), "record", "--output", output});
    ASSERT_TRUE(eventually([&] { return read_file(output).find("alloc") != std::string::npos; }));

    Program late(client_path("objects"), {daemon.device(), "hold"});
    ASSERT_TRUE(late.read_line());
    late.close_input();
    late.signal(SIGKILL);
    ASSERT_TRUE(eventually([&] { return read_file(output).find(" free ") != std::string::npos; }));
    recorder.signal(SIGTERM);

    EXPECT_EQ(recorder.wait(), 0);
    const Trace trace = trace_of(read_file(output));
    ASSERT_GE(trace.events.size(), 3U);
    EXPECT_EQ(trace.lost, 0U);
    EXPECT_EQ(trace.events.front().time_ns, 0U);
    EXPECT_EQ(trace.events.front().client, "objects-" + std::to_string(early.pid()));
    EXPECT_EQ(trace.events.back().op, TraceOp::kFree);
    EXPECT_EQ(trace.events.back().client, "objects-" + std::to_string(late.pid()));
}

TEST(Record, EndsAfterItsDuration) {
    const Daemon daemon;
    Program recorder(ionctl(), {"--runtime-dir", daemon.directory(), "record", "--duration", "0"});
    EXPECT_EQ(recorder.read_line(), "ion-trace 1");
    EXPECT_EQ(recorder.wait(), 0);
}

TEST(Record, KeepsWhatItHasWhenTheWorkerIsKilled) {
    Daemon daemon;
    Program client(client_path("objects"), {daemon.device(), "hold"});
    ASSERT_TRUE(client.read_line());
    Program recorder(ionctl(), {"--runtime-dir", daemon.directory(), "record"});
    EXPECT_EQ(recorder.read_line(), "ion-trace 1");
    EXPECT_TRUE(recorder.read_line());
    daemon.kill_worker();
    static_cast<void>(recorder.read_lines());
    EXPECT_EQ(WEXITSTATUS(recorder.wait()), 1);
}

TEST(Record, SaysWhenThereIsNoDaemon) {
    Program recorder(ionctl(), {"--runtime-dir", "/nonexistent", "record"});
    EXPECT_EQ(WEXITSTATUS(recorder.wait()), 3);
}

}  // namespace
}  // namespace ion::test
