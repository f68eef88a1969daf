// SPDX-License-Identifier: Apache-2.0

#include "tests/node/supervised_program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <sstream>

namespace ion::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kErrors = "/errors";

}  // namespace

PublicFolder::PublicFolder() {
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
    fs::permissions(path_, fs::perms::all);
}

PublicFolder::~PublicFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
}

std::string PublicFolder::add(const std::string& file) const {
    const std::string copy = path_ + "/" + fs::path(file).filename().string();
    std::error_code error;
    fs::copy_file(file, copy, fs::copy_options::skip_existing, error);
    EXPECT_FALSE(error) << file << ": " << error.message();
    return copy;
}

std::vector<std::string> nobody() {
    return {"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--bounding-set=-all"};
}

SupervisedProgram::SupervisedProgram(const SupervisedTraits& traits) {
    const bool is_client = traits.program.find('/') == std::string::npos;
    // The shell, which is gone after exec, puts stderr into a file.
    std::vector<std::string> words{"-c", "exec \"$@\" 2>\"$0\"", folder_.path() + kErrors};
    words.insert(words.end(), traits.launcher.begin(), traits.launcher.end());
    words.insert(words.end(), {folder_.add(ION_BINARY_DIR "/bin/ionctl"), "run"});
    if (traits.usage) {
        words.emplace_back("--usage");
    }
    words.insert(words.end(), traits.options.begin(), traits.options.end());
    words.insert(words.end(), {"--", is_client ? folder_.add(client_path(traits.program)) : traits.program});
    words.insert(words.end(), traits.arguments.begin(), traits.arguments.end());
    process_.emplace("/bin/sh", words);
}

int SupervisedProgram::wait() {
    const int status = process_->wait();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string SupervisedProgram::errors() const {
    return read_file(folder_.path() + kErrors);
}

void SupervisedProgram::expect_nothing_left() {
    (void)wait();
    std::istringstream report(errors());
    int heaps = 0;
    int totals = 0;
    for (std::string line; std::getline(report, line);) {
        EXPECT_EQ(line.find("==> clients/"), std::string::npos) << line;
        heaps += line.starts_with("==> heaps/") ? 1 : 0;
        std::istringstream words(line);
        std::string first;
        std::string second;
        words >> first >> second;
        if (first == "total" && second != "orphaned") {
            ++totals;
            EXPECT_EQ(second, "0") << report.str();
        }
    }
    EXPECT_GT(heaps, 0) << report.str();
    EXPECT_EQ(totals, heaps) << report.str();
}

}  // namespace ion::test
