// SPDX-License-Identifier: Apache-2.0
//
// The daemon answers as Linux 5.10's own driver, but for the differences that are listed with their reasons.

#include <gtest/gtest.h>

#include <iostream>

#include "tests/conformance/comparison.h"
#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

/// Some cases do hundreds of calls, and emulated machines take long for each.
constexpr std::chrono::seconds kPatienceForACase{300};

const std::string kFolder = ION_SOURCE_DIR "/tests/conformance/";

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

/// Compares what the program's output says with the kernel's answers; `lists` name what may differ.
void expect_conformance(const std::string& output, const std::vector<std::string>& lists) {
    std::vector<std::string> problems;
    const Rows expected = parse_rows(read_file(kFolder + "linux-5.10.tsv"), problems);
    const Rows actual = parse_rows(output, problems);
    std::string differences;
    for (const std::string& list : lists) {
        differences += read_file(kFolder + "known-" + list + ".txt") + "\n";
    }
    const auto known = parse_known(differences, problems);
    ASSERT_FALSE(expected.empty());
    EXPECT_TRUE(problems.empty()) << joined(problems);

    const Comparison comparison = compare(expected, actual, known);

    std::cout << "cases that agree with Linux 5.10, " << lists.back() << ":\n" << figures_of(comparison);
    EXPECT_TRUE(comparison.problems.empty()) << joined(comparison.problems);
}

TEST(Conformance, OfTheDaemonsDevice) {
    Daemon daemon({.config = read_file(kFolder + "linux-5.10.toml")});
    Program program(client_path("conformance"), {"--device", daemon.device(), "--usage", daemon.usage(),
                                                 "--heap", "contig=1", "--heap", "dma=2"});
    program.close_input();
    const std::string output = joined(program.read_lines(kPatienceForACase));
    EXPECT_EQ(program.wait(), 0);
    expect_conformance(output, tests_use_cuse()
                                   ? std::vector<std::string>{"fuse", "udmabuf", "cuse"}
                                   : std::vector<std::string>{"fuse", "memfd", "memfd-sync", "node"});
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Conformance, OfTheDeviceOfIonctlRun) {
    Program program(
        ION_BINARY_DIR "/bin/ionctl",
        {"run", "--config", kFolder + "linux-5.10-memfd.toml", "--", client_path("conformance"), "--device",
         "/dev/ion", "--usage", "/nonexistent", "--heap", "contig=1", "--heap", "dma=2"});
    program.close_input();
    const std::string output = joined(program.read_lines(kPatienceForACase));
    EXPECT_EQ(program.wait(), 0);
    expect_conformance(output, {"memfd", "run"});
}

}  // namespace
}  // namespace ion::test
