// SPDX-License-Identifier: Apache-2.0
//
// The usage mount of a running daemon, as programs see it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "daemon/base/unique_fd.h"
#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr std::int64_t kMegabyte = 1 << 20;

/// Reads on until the client holds its buffers.
void wait_until_it_holds(Program& client) {
    while (auto line = client.read_line()) {
        if (line->find("holds") != std::string::npos) {
            return;
        }
    }
    ADD_FAILURE() << "the client ended early";
}

std::string read_on(int fd) {
    std::string text;
    std::array<char, 100> part{};
    for (ssize_t size = 0; (size = ::read(fd, part.data(), part.size())) > 0;) {
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    return text;
}

UniqueFd open_file(const std::string& path, int flags = O_RDONLY) {
    return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
}

/// A row "COMM PID BYTES" of a heap file.
std::string row(const std::string& comm, pid_t pid, std::int64_t bytes) {
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(), "%16s %16u %16lld", comm.c_str(), static_cast<unsigned>(pid),
                  static_cast<long long>(bytes));
    return text.data();
}

std::string output_of(const std::string& command) {
    Program shell("/bin/sh", {"-c", command});
    std::string text;
    for (const auto& line : shell.read_lines()) {
        text += line + "\n";
    }
    EXPECT_EQ(shell.wait(), 0) << command;
    return text;
}

TEST(Usage, HeapAndClientFilesShowWhoHoldsWhat) {
    Daemon daemon;
    Program handles(client_path("demo_b"), {daemon.device(), "0x1"});
    Program descriptors(client_path("demo_c"), {daemon.device(), "0x1"});
    wait_until_it_holds(handles);
    wait_until_it_holds(descriptors);

    const std::string heap = heap_text(daemon, "system");
    EXPECT_NE(heap.find(row("demo_b", handles.pid(), kMegabyte + (1 << 16)) + "\n"), std::string::npos)
        << heap;
    EXPECT_NE(heap.find(row("demo_c", descriptors.pid(), kMegabyte) + "\n"), std::string::npos) << heap;
    EXPECT_EQ(figure(heap, "total "), 2 * kMegabyte + (1 << 16));
    EXPECT_EQ(figure(heap, "total orphaned"), 0);
    EXPECT_EQ(figure(heap_text(daemon, "carveout"), "total "), 0);
    const std::string client = read_file(daemon.usage() + "/clients/" + std::to_string(handles.pid()) + "-0");
    EXPECT_EQ(figure(client, "system:"), kMegabyte + (1 << 16)) << client;
    EXPECT_EQ(names_in(daemon.usage() + "/clients").size(), 2U);

    handles.write_line();
    descriptors.write_line();
    EXPECT_EQ(handles.wait(), 0);
    EXPECT_EQ(descriptors.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

/// A counter of the system heap, or with an empty `heap` of all.
std::int64_t counter(const Daemon& daemon, const std::string& name,
                     const std::string& heap = "counters/system/") {
    const std::string text = read_file(daemon.usage() + "/" + heap + name);
    return text.empty() || text.back() != '\n' ? -1 : std::stoll(text);
}

TEST(Usage, CountersOfAHeapOutliveTheWorker) {
    Daemon daemon;
    Program client(client_path("demo_c"), {daemon.device(), "0x1"});
    wait_until_it_holds(client);
    EXPECT_EQ(counter(daemon, "num_of_buffers"), 1);
    EXPECT_EQ(counter(daemon, "num_of_alloc_bytes"), kMegabyte);
    EXPECT_EQ(counter(daemon, "alloc_bytes_wm"), kMegabyte);
    EXPECT_EQ(counter(daemon, "total_heaps_kb", ""), kMegabyte / 1024);
    EXPECT_GE(counter(daemon, "total_pools_kb", ""), 0);

    client.write_line();
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());
    for (int kills = 0; kills < 2; ++kills) {
        daemon.kill_worker();
        EXPECT_EQ(counter(daemon, "num_of_buffers"), 0);
        EXPECT_EQ(counter(daemon, "num_of_alloc_bytes"), 0);
        EXPECT_EQ(counter(daemon, "alloc_bytes_wm"), kMegabyte);
        EXPECT_EQ(counter(daemon, "total_heaps_kb", ""), 0);
    }
    daemon.stop();
}

TEST(Usage, BufferWithNothingLeftButAMappingIsAnOrphanAndOutlivesWorkers) {
    Daemon daemon;
    Program client(client_path("objects"), {daemon.device(), "hold"});
    wait_until_it_holds(client);
    EXPECT_TRUE(eventually([&] { return figure(heap_text(daemon, "system"), "total orphaned") == 4096; }));
    EXPECT_NE(heap_text(daemon, "system").find(row("objects", client.pid(), 4096) + " 0 1\n"),
              std::string::npos);
    EXPECT_TRUE(names_in(daemon.usage() + "/clients").empty());

    for (int i = 0; i < 3; ++i) {
        daemon.kill_worker();
        EXPECT_EQ(figure(heap_text(daemon, "system"), "total orphaned"), 4096);
        const std::string leaked = read_file(daemon.usage() + "/check_leaked_fds");
        EXPECT_NE(leaked.find("          system             1000                1\n"), std::string::npos)
            << leaked;
    }

    client.write_line();
    EXPECT_EQ(client.read_line(), "content 401d");
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());
    EXPECT_EQ(lines_of(read_file(daemon.usage() + "/check_leaked_fds").c_str()).size(), 1U) << "its header";
    daemon.stop();
}

TEST(Usage, EveryToolReadsTheWholeTextAndNoMore) {
    Daemon daemon;
    Program client(client_path("demo_b"), {daemon.device(), "0x1"});
    wait_until_it_holds(client);
    const std::string file = daemon.usage() + "/heaps/system";
    const std::string text = read_file(file);

    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(static_cast<std::size_t>(status.st_size), text.size());
    for (const std::string tool : {"cat ", "dd status=none bs=1 if=", "tail -n +1 ", "head -c 100000 "}) {
        EXPECT_EQ(output_of(tool + file), text) << tool;
    }
    EXPECT_EQ(output_of("tail -n 1 " + file), text.substr(text.rfind('\n', text.size() - 2) + 1));
    EXPECT_EQ(output_of("wc -c < " + file), std::to_string(text.size()) + "\n");
    EXPECT_EQ(output_of("cp " + file + " /dev/stdout"), text);
    EXPECT_EQ(output_of("busybox cat " + file), text);
    client.write_line();
    EXPECT_EQ(client.wait(), 0);
    daemon.stop();
}

TEST(Usage, ContentIsFixedAtOpenEvenAcrossWorkers) {
    Daemon daemon;
    const std::string before = heap_text(daemon, "system");
    const UniqueFd whole = open_file(daemon.usage() + "/heaps/system");
    const UniqueFd across = open_file(daemon.usage() + "/heaps/system");
    std::array<char, 10> beginning{};
    ASSERT_EQ(::read(across.get(), beginning.data(), beginning.size()), 10);
    Program client(client_path("demo_b"), {daemon.device(), "0x1"});
    wait_until_it_holds(client);

    EXPECT_EQ(read_on(whole.get()), before);
    daemon.kill_worker();
    EXPECT_EQ(std::string(beginning.data(), 10) + read_on(across.get()), before);
    EXPECT_NE(heap_text(daemon, "system"), before);

    client.write_line();
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Usage, FileOfAGoneClientIsGoneButStaysReadableWhereItIsOpen) {
    Daemon daemon;
    Program client(client_path("demo_c"), {daemon.device(), "0x1"});
    wait_until_it_holds(client);
    const std::string file = daemon.usage() + "/clients/" + std::to_string(client.pid()) + "-0";
    const std::string text = read_file(file);
    const UniqueFd open = open_file(file);
    ASSERT_TRUE(open);
    client.write_line();
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());

    EXPECT_FALSE(open_file(file));
    EXPECT_EQ(errno, ENOENT);
    EXPECT_EQ(read_on(open.get()), text);
    EXPECT_NE(text, "");
    daemon.stop();
}

TEST(Usage, MountRefusesEveryChange) {
    Daemon daemon;
    const std::string file = daemon.usage() + "/heaps/system";
    const std::string text = read_file(file);

    EXPECT_FALSE(open_file(file, O_WRONLY));
    EXPECT_FALSE(open_file(file, O_RDWR));
    EXPECT_FALSE(open_file(file, O_WRONLY | O_TRUNC));
    EXPECT_FALSE(open_file(daemon.usage() + "/new", O_WRONLY | O_CREAT));
    EXPECT_NE(::unlink(file.c_str()), 0);
    EXPECT_NE(::rename(file.c_str(), (daemon.usage() + "/heaps/other").c_str()), 0);
    EXPECT_NE(::mkdir((daemon.usage() + "/folder").c_str(), 0700), 0);
    EXPECT_NE(::chmod(file.c_str(), 0666), 0);
    EXPECT_NE(::truncate(file.c_str(), 0), 0);
    EXPECT_EQ(read_file(file), text);
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
