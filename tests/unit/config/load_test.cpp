// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

using testing::EndsWith;
using testing::StartsWith;

/// A configuration directory of its own, removed afterwards.
class LoadConfig : public testing::Test {
  protected:
    LoadConfig() {
        std::string pattern = testing::TempDir() + "iond-load-XXXXXX";
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    ~LoadConfig() override { std::filesystem::remove_all(directory_); }

    void write(const std::string& name, const std::string& text) {
        const auto path = directory_ / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }

    static Result<Config> load_directory(const std::string& directory) {
        return load_config({.file = {}, .directory = directory}, kTestTypes);
    }
    static Result<Config> load_file(const std::string& file) {
        return load_config({.file = file}, kTestTypes);
    }

    [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }

    std::filesystem::path directory_;
};

TEST_F(LoadConfig, IsTheDefaultWhenThereIsNoFile) {
    const auto config = load_directory(directory_);
    ASSERT_TRUE(config) << config.error().context;
    EXPECT_EQ(config->heaps, parsed({}).heaps);
}

TEST_F(LoadConfig, IsTheDefaultWhenThereIsNoDirectory) {
    EXPECT_TRUE(load_directory(path("missing")));
}

TEST_F(LoadConfig, AppliesDropInsAfterTheMainFileInNameOrder) {
    write("iond.toml", "log_level = \"error\"\npersonality = \"legacy\"");
    write("iond.d/20.toml", "log_level = \"trace\"");
    write("iond.d/10.toml", "log_level = \"debug\"");
    const auto config = load_directory(directory_);
    ASSERT_TRUE(config) << config.error().context;
    EXPECT_EQ(config->log_level, "trace");
    EXPECT_EQ(config->personality, Personality::kLegacy);
}

TEST_F(LoadConfig, ReadsDropInsWithoutAMainFile) {
    write("iond.d/10.toml", "log_level = \"debug\"");
    const auto config = load_directory(directory_);
    ASSERT_TRUE(config) << config.error().context;
    EXPECT_EQ(config->log_level, "debug");
}

TEST_F(LoadConfig, LeavesOtherNamesInTheDropInDirectoryAlone) {
    write("iond.d/10.toml.bak", "nonsense");
    write("iond.d/.10.toml", "nonsense");
    write("iond.d/.toml", "nonsense");
    EXPECT_TRUE(load_directory(directory_));
}

TEST_F(LoadConfig, NamesTheDropInThatIsWrong) {
    write("iond.toml", "");
    write("iond.d/10.toml", "\nx = 1");
    const auto config = load_directory(directory_);
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().context, StartsWith(path("iond.d/10.toml") + ":2:1: x: unknown key"));
}

TEST_F(LoadConfig, FailsWhenTheNamedFileIsMissing) {
    const auto config = load_file(path("missing.toml"));
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, ENOENT);
    EXPECT_THAT(config.error().context, EndsWith("missing.toml: No such file or directory"));
}

TEST_F(LoadConfig, ReadsOnlyTheNamedFile) {
    write("iond.toml", "log_level = \"debug\"");
    write("iond.d/10.toml", "log_level = \"trace\"");
    const auto config = load_file(path("iond.toml"));
    ASSERT_TRUE(config) << config.error().context;
    EXPECT_EQ(config->log_level, "debug");
}

TEST_F(LoadConfig, ReadsAFileLongerThanOneRead) {
    write("long.toml", std::string(20000, '\n') + "log_level = \"debug\"");
    const auto config = load_file(path("long.toml"));
    ASSERT_TRUE(config) << config.error().context;
    EXPECT_EQ(config->log_level, "debug");
}

TEST_F(LoadConfig, RefusesADirectoryInPlaceOfAFile) {
    const auto config = load_file(directory_);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, EISDIR);
}

TEST_F(LoadConfig, GivesUpOnAnEndlessFile) {
    const auto config = load_file("/dev/zero");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, EFBIG);
}

}  // namespace
}  // namespace ion
