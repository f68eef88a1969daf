// SPDX-License-Identifier: Apache-2.0
//
// The programs of examples/ do what their README says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/node/daemon_fixture.h"
#include "tests/node/device_in_environment.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kExamples = ION_BINARY_DIR "/bin/examples/";

/// The two halves of an example over a socket: the first one waits for the second.
class Pair {
  public:
    Pair(const std::string& name, const std::vector<std::string>& first,
         const std::vector<std::string>& second)
        : first_(kExamples + name, first) {
        EXPECT_EQ(first_.read_line(), "waiting");
        Program other(kExamples + name, second);
        second_lines = other.read_lines();
        EXPECT_EQ(other.wait(), 0);
        first_lines = first_.read_lines();
        EXPECT_EQ(first_.wait(), 0);
    }
    std::vector<std::string> first_lines;
    std::vector<std::string> second_lines;

  private:
    Program first_;
};

TEST(Examples, ShareImportReadsInOneProcessWhatAnotherHasWritten) {
    Daemon daemon;
    const std::string socket = daemon.directory() + "/example";

    const Pair pair("share_import", {"allocate", daemon.device(), socket},
                    {"import", daemon.device(), socket});

    EXPECT_THAT(pair.first_lines, ElementsAre("allocated and shared handle 0x1, read by the other process"));
    EXPECT_THAT(pair.second_lines, ElementsAre("imported handle 0x1: written by the process that allocated"));
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Examples, CameraAndViewerPassBuffersRound) {
    Daemon daemon;
    const DeviceInEnvironment device(daemon);
    const std::string socket = daemon.directory() + "/example";

    const Pair pair("camera", {"produce", socket, "50"}, {"consume", socket});

    EXPECT_THAT(pair.first_lines, ElementsAre("exposed 50 frames in 4 buffers"));
    EXPECT_THAT(pair.second_lines, ElementsAre("saw 50 frames"));
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

struct SecureBufferCase {
    const char* personality;
    const char* line;
};
void PrintTo(const SecureBufferCase& one, std::ostream* out) {
    *out << one.personality;
}

class SecureBuffer : public ::testing::TestWithParam<SecureBufferCase> {};

TEST_P(SecureBuffer, ComesFromItsHeapOnOldAndNewDrivers) {
    const std::string heaps = read_file(ION_SOURCE_DIR "/examples/secure_buffer.toml");
    ASSERT_FALSE(heaps.empty());
    Daemon daemon({.config = std::string("personality = \"") + GetParam().personality + "\"\n" + heaps});
    const DeviceInEnvironment device(daemon);
    {
        Program program(std::string(kExamples) + "secure_buffer", {"100000"});
        EXPECT_THAT(program.read_lines(), ElementsAre(GetParam().line));
        EXPECT_EQ(program.wait(), 0);
    }
    Program greedy(std::string(kExamples) + "secure_buffer", {"2000000"});
    EXPECT_NE(greedy.wait(), 0) << "the heap has 1 MiB";
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

INSTANTIATE_TEST_SUITE_P(
    Personalities, SecureBuffer,
    ::testing::Values(SecureBufferCase{"auto", "102400 bytes of heap 26, from a driver without handles"},
                      SecureBufferCase{"legacy", "102400 bytes of heap 26, from a driver with handles"}),
    [](const auto& one) { return std::string(one.param.personality); });

}  // namespace
}  // namespace ion::test
