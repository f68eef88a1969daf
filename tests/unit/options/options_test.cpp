// SPDX-License-Identifier: Apache-2.0

#include "daemon/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace ion {
namespace {

using testing::HasSubstr;

/// What parse_options() makes of a command line, and what it prints.
struct Parsed {
    explicit Parsed(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "iond");
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        result = parse_options(static_cast<int>(arguments.size()), arguments.data());
        out = testing::internal::GetCapturedStdout();
        err = testing::internal::GetCapturedStderr();
    }
    ParsedOptions result;
    std::string out;
    std::string err;
};

TEST(Options, HaveDefaults) {
    const Parsed parsed({});

    EXPECT_FALSE(parsed.result.exit_status);
    const CommandLine& options = parsed.result.options;
    EXPECT_EQ(options.config_file, "");
    EXPECT_FALSE(options.check_config);
    EXPECT_FALSE(options.list_heap_types);
    EXPECT_EQ(options.runtime_dir, "");
    EXPECT_EQ(options.transport, TransportChoice::kAuto);
    EXPECT_EQ(options.device_name, "ion");
    EXPECT_EQ(options.usage_mount, "");
    EXPECT_EQ(options.log_level, "");
    EXPECT_EQ(parsed.out + parsed.err, "");
}

TEST(Options, TakeEachValue) {
    const Parsed parsed({"--config", "/a.toml", "--check-config", "--list-heap-types", "--runtime-dir=/run/x",
                         "--transport", "node", "--device-name", "ion-2.b_C", "--usage-mount", "/mnt",
                         "--log-level", "debug"});

    EXPECT_FALSE(parsed.result.exit_status) << parsed.err;
    const CommandLine& options = parsed.result.options;
    EXPECT_EQ(options.config_file, "/a.toml");
    EXPECT_TRUE(options.check_config);
    EXPECT_TRUE(options.list_heap_types);
    EXPECT_EQ(options.runtime_dir, "/run/x");
    EXPECT_EQ(options.transport, TransportChoice::kNode);
    EXPECT_EQ(options.device_name, "ion-2.b_C");
    EXPECT_EQ(options.usage_mount, "/mnt");
    EXPECT_EQ(options.log_level, "debug");
}

TEST(Options, KnowEveryTransport) {
    EXPECT_EQ(Parsed({"--transport=auto"}).result.options.transport, TransportChoice::kAuto);
    EXPECT_EQ(Parsed({"--transport=cuse"}).result.options.transport, TransportChoice::kCuse);
    EXPECT_EQ(Parsed({"--transport=node"}).result.options.transport, TransportChoice::kNode);
}

TEST(Options, WrongOnesEndWithStatus2AndSayWhatIsWrong) {
    const std::string too_long(32, 'n');
    const std::vector<std::vector<const char*>> wrong = {
        {"--transport=fuse"},  {"--transport=0"},      {"--device-name="},
        {"--device-name=a/b"}, {"--device-name=.ion"}, {"--device-name", too_long.c_str()},
        {"--log-level=loud"},  {"--no-such-option"},   {"argument"},
        {"--config"},          {"--runtime-dir"},      {"--check-config=maybe"},
    };
    for (const auto& arguments : wrong) {
        const Parsed parsed(arguments);
        EXPECT_EQ(parsed.result.exit_status, 2) << arguments.front();
        EXPECT_NE(parsed.err, "") << arguments.front();
        EXPECT_EQ(parsed.out, "") << arguments.front();
    }
}

TEST(Options, VersionPrintsItAndEndsWithSuccess) {
    const Parsed parsed({"--version"});

    EXPECT_EQ(parsed.result.exit_status, 0);
    EXPECT_EQ(parsed.out, "iond 1.2.3-test\n");
}

TEST(Options, HelpNamesEveryOptionAndEndsWithSuccess) {
    const Parsed parsed({"--help"});

    EXPECT_EQ(parsed.result.exit_status, 0);
    for (const char* option : {"--config", "--check-config", "--list-heap-types", "--runtime-dir",
                               "--transport", "--device-name", "--usage-mount", "--log-level", "--version"}) {
        EXPECT_THAT(parsed.out, HasSubstr(option));
    }
}

}  // namespace
}  // namespace ion
