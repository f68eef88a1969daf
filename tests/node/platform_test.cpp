// SPDX-License-Identifier: Apache-2.0
//
// A daemon on a board's table of heaps: what clients and usage files see of it, where buffers lie, and a table that
// does not start.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr std::uint64_t kMegabyte = 1 << 20;

struct Ended {
    int status = -1;  ///< exit status
    std::string text;
};

Ended run(const std::string& path, const std::vector<std::string>& arguments) {
    Program program(path, arguments);
    Ended ended;
    for (const auto& line : program.read_lines()) {
        ended.text += line + "\n";
    }
    const int status = program.wait();
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ended;
}

/// What the control socket says of a heap.
nlohmann::json heap_status(const Daemon& daemon, const std::string& name) {
    const Ended ended = run(ION_BINARY_DIR "/bin/ionctl", {"--runtime-dir", daemon.directory(), "status"});
    EXPECT_EQ(ended.status, 0) << ended.text;
    const auto document = nlohmann::json::parse(ended.text, nullptr, false);
    for (const auto& heap : document["heaps"]) {
        if (heap["name"] == name) {
            return heap;
        }
    }
    ADD_FAILURE() << "no heap " << name << " in " << ended.text;
    return {};
}

/// A client of generation A holds a megabyte of the heap, which lies in [base, base + size).
void expect_buffer_in(const Daemon& daemon, const std::string& heap, unsigned id, std::uint64_t base,
                      std::uint64_t size) {
    SCOPED_TRACE(heap);
    Program client(client_path("demo_a"), {daemon.device(), std::to_string(1ULL << id)});
    EXPECT_TRUE(client.read_line()) << "it has nothing";
    const auto status = heap_status(daemon, heap);
    EXPECT_EQ(status["size_bytes"], size);
    EXPECT_EQ(status["allocated_bytes"], kMegabyte);
    ASSERT_TRUE(status.contains("lowest_address")) << status;
    EXPECT_GE(status["lowest_address"], base);
    EXPECT_EQ(status["end_address"], status["lowest_address"].get<std::uint64_t>() + kMegabyte);
    EXPECT_LE(status["end_address"], base + size);
    EXPECT_EQ(figure(heap_text(daemon, heap), "total "), static_cast<std::int64_t>(kMegabyte));
    client.write_line();
    (void)client.read_lines();
    EXPECT_EQ(client.wait(), 0);
}

TEST(Platform, Msm8x25qOffersTheHeapsOfTheBoard) {
    Daemon daemon({.config = "preset = \"msm8x25q\"\n"});
    const Ended query = run(client_path("heap_query"), {daemon.device()});
    EXPECT_EQ(query.status, 0);
    EXPECT_EQ(query.text,
              "30 0 vmalloc\n28 2 audio\n27 2 bl_mem_audio\n26 2 qsecom\n24 2 sf\n20 5 camera_preview\n");
    for (const char* heap : {"vmalloc", "audio", "bl_mem_audio", "qsecom", "sf", "camera_preview"}) {
        EXPECT_EQ(figure(heap_text(daemon, heap), "total "), 0) << heap;
    }
    daemon.stop();
}

TEST(Platform, Msm8x25qClientsOfGenerationAGetAddressesInsideTheHeapTheyChose) {
    Daemon daemon({.config = "preset = \"msm8x25q\"\n[memory.ebi]\nbase = 0x20000000\nsize = \"64M\"\n"});
    expect_buffer_in(daemon, "camera_preview", 20, 0x20000000, 0x1200000);
    expect_buffer_in(daemon, "sf", 24, 0x21200000, 0x2300000);
    expect_buffer_in(daemon, "qsecom", 26, 0x23500000, kMegabyte);
    expect_buffer_in(daemon, "audio", 28, 0x23600000, 0x1f4000);
    EXPECT_FALSE(heap_status(daemon, "vmalloc").contains("lowest_address"));
    daemon.stop();
}

TEST(Platform, HeapsThatOverlapAreNamedAndNothingStarts) {
    const std::string file = ::testing::TempDir() + "iond-platform-" + std::to_string(::getpid()) + ".toml";
    std::ofstream(file) << "preset = \"msm8x25q\"\n"
                           "[[heap]]\ntype = \"carveout\"\nname = \"mine\"\nbase = 0x49000\nsize = \"1M\"\n";
    for (const std::vector<std::string>& extra : {std::vector<std::string>{"--check-config"}, {}}) {
        std::vector<std::string> arguments{"-c",
                                           "exec \"$0\" \"$@\" 2>&1",
                                           ION_BINARY_DIR "/bin/iond",
                                           "--runtime-dir",
                                           file + ".run",
                                           "--config",
                                           file};
        arguments.insert(arguments.end(), extra.begin(), extra.end());
        const Ended refused = run("/bin/sh", arguments);
        EXPECT_EQ(refused.status, 1);
        EXPECT_EQ(refused.text,
                  "iond: " + file +
                      ":2:1: heap.base: memory in heap \"mine\" [0x49000, 0x149000) overlaps with "
                      "heap \"bl_mem_audio\" [0x10000, 0x4a000) (preset \"msm8x25q\":22:1)\n");
    }
    ASSERT_EQ(::unlink(file.c_str()), 0);
}

TEST(Platform, HeapTypesAreListed) {
    const Ended list = run(ION_BINARY_DIR "/bin/iond", {"--list-heap-types"});
    EXPECT_EQ(list.status, 0);
    EXPECT_NE(list.text.find("system: type number 0 (msm-3.4: 0); without a region\n"), std::string::npos);
    EXPECT_NE(list.text.find("carveout: type number 2 (msm-3.4: 2); in a region\n"), std::string::npos);
}

}  // namespace
}  // namespace ion::test
