// SPDX-License-Identifier: Apache-2.0
//
// What unmodified programs of each generation get from the daemon, call by call, whichever way they enter the kernel.

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/node/daemon_fixture.h"
#include "tests/node/expected_lines.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

/// Runs a program to its end; its lines must be `expected`, and nothing may be left of it.
void expect_lines(const Daemon& daemon, const std::string& program, const char* expected) {
    Program client(client_path(program), {daemon.device()});
    client.close_input();
    EXPECT_EQ(client.read_lines(), lines_of(expected));
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());
}

/// By suffix of the program: 64 bits, 32 bits, `int 0x80` from 64-bit code.
class Semantics : public ::testing::TestWithParam<const char*> {};

TEST_P(Semantics, GenerationA) {
    Daemon daemon;
    expect_lines(daemon, std::string("semantics_a") + GetParam(), kGenerationA);
    daemon.stop();
}

TEST_P(Semantics, GenerationB) {
    Daemon daemon;
    expect_lines(daemon, std::string("semantics_b") + GetParam(), kGenerationB);
    daemon.stop();
}

TEST_P(Semantics, GenerationCAndHostileArguments) {
    Daemon daemon;
    expect_lines(daemon, std::string("semantics_c") + GetParam(), kGenerationC);
    daemon.stop();
}

INSTANTIATE_TEST_SUITE_P(Width, Semantics, ::testing::Values("", "_32", "_int80"), [](const auto& suffix) {
    return suffix.param[0] == '\0' ? std::string("64") : std::string(suffix.param + 1);
});

/// By suffix of the program.
class Objects : public ::testing::TestWithParam<const char*> {};

TEST_P(Objects, FollowTheRulesOfClientsHandlesAndBuffers) {
    Daemon daemon;
    expect_lines(daemon, std::string("objects") + GetParam(), kObjects);
    daemon.stop();
}

TEST_P(Objects, AreNoForeignDmabufs) {
    if (::access("/dev/udmabuf", R_OK | W_OK) != 0) {
        GTEST_SKIP() << "there is no /dev/udmabuf to make a foreign dma-buf with";
    }
    Daemon daemon;
    Program client(client_path(std::string("objects") + GetParam()), {daemon.device(), "foreign"});
    EXPECT_EQ(client.read_lines(), lines_of("import_dmabuf EINVAL handle=0"));
    EXPECT_EQ(client.wait(), 0);
    daemon.stop();
}

INSTANTIATE_TEST_SUITE_P(Width, Objects, ::testing::Values("", "_32"), [](const auto& suffix) {
    return suffix.param[0] == '\0' ? std::string("64") : std::string(suffix.param + 1);
});

TEST(Processes, ShareObjectsThatEndWithTheLast) {
    Daemon daemon;
    expect_lines(daemon, "processes", kProcesses);
    daemon.stop();
}

struct PersonalityCase {
    const char* name;
    const char* program;  ///< by width
    const char* lines;
    const char* heap;  ///< that an ALLOC for both heaps got
};
void PrintTo(const PersonalityCase& one, std::ostream* out) {
    *out << one.name << ", " << one.program;
}

class Personality : public ::testing::TestWithParam<PersonalityCase> {};

TEST_P(Personality, DecidesWhatBytesCannotTell) {
    Daemon daemon({.config = std::string("personality = \"") + GetParam().name + "\"\n"});
    Program client(client_path(GetParam().program), {daemon.device()});
    std::vector<std::string> lines;
    while (auto line = client.read_line()) {
        if (*line == "holds") {
            break;
        }
        lines.push_back(*std::move(line));
    }
    EXPECT_EQ(lines, lines_of(GetParam().lines));
    for (const std::string heap : {"system", "carveout"}) {
        const bool used = heap_text(daemon, heap).find(" personality") != std::string::npos;
        EXPECT_EQ(used, heap == GetParam().heap) << heap_text(daemon, heap);
    }
    client.write_line();
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

INSTANTIATE_TEST_SUITE_P(
    Config, Personality,
    ::testing::Values(PersonalityCase{"auto", "personality", kPersonalityAuto, "carveout"},
                      PersonalityCase{"auto", "personality_32", kPersonalityAuto, "carveout"},
                      PersonalityCase{"legacy", "personality", kPersonalityLegacy, "carveout"},
                      PersonalityCase{"legacy", "personality_32", kPersonalityLegacy, "carveout"},
                      PersonalityCase{"modern", "personality", kPersonalityModern, ""},
                      PersonalityCase{"modern", "personality_32", kPersonalityModern, ""},
                      PersonalityCase{"msm-3.4", "personality", kPersonalityMsm34, "system"},
                      PersonalityCase{"msm-3.4", "personality_32", kPersonalityMsm34, "system"}),
    [](const auto& one) {
        std::string name = std::string(one.param.name) + "_" + one.param.program;
        std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
        return name;
    });

TEST(Restricted, ClientUnderAKillingFilterIsServedOrRefusedButNotKilled) {
    Daemon daemon;
    Program client(client_path("restricted"), {daemon.device(), "confined"});
    EXPECT_EQ(client.read_lines(), lines_of("starts ok\nconfined ok fd=set\nconfined_again ok fd=set\n"));
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Restricted, TracedClientGetsEpermAndTheReasonIsLoggedOnce) {
    Daemon daemon;
    Program client(client_path("restricted"), {daemon.device(), "traced"});
    EXPECT_EQ(client.read_lines(),
              lines_of("starts ok\ntraced EPERM fd=untouched\ntraced_again EPERM fd=untouched\n"
                       "free_of_debugger ok fd=set\n"));
    EXPECT_EQ(client.wait(), 0);
    const std::string log = daemon.log();
    const auto first = log.find("being traced");
    EXPECT_NE(first, std::string::npos);
    EXPECT_EQ(log.find("being traced", first + 1), std::string::npos);
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
