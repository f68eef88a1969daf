// SPDX-License-Identifier: Apache-2.0
//
// SupervisedProgram: a program under `ionctl run --usage` of this build, and what is said at its end.

#pragma once

#include <string>
#include <vector>

#include "tests/node/program.h"

namespace ion::test {

/// How it is started.
struct SupervisedTraits {
    std::string program = {};                           ///< a client's name, or a path
    std::vector<std::string> arguments = {"/dev/ion"};  ///< its arguments
    std::vector<std::string> options = {};              ///< of ionctl run, more than --usage
    std::vector<std::string> launcher = {};             ///< runs ionctl; see nobody()
    bool usage = true;
};

/// A folder with what a user without rights must reach: he may not be able to enter that of the build.
class PublicFolder {
  public:
    PublicFolder();
    ~PublicFolder();
    PublicFolder(const PublicFolder&) = delete;
    PublicFolder& operator=(const PublicFolder&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

    /// A copy of a file in it, executable by all.
    [[nodiscard]] std::string add(const std::string& file) const;

  private:
    std::string path_ = "/tmp/ion-run-XXXXXX";
};

/// Runs what follows as the user "nobody", in no group and without any capability.
[[nodiscard]] std::vector<std::string> nobody();

/// Killed with its object, if it still runs; what it started then ends when its input does.
class SupervisedProgram {
  public:
    explicit SupervisedProgram(const SupervisedTraits& traits);

    [[nodiscard]] Program& process() { return *process_; }

    /// Waits for its end. Its exit status; -1 when it was killed or does not end.
    [[nodiscard]] int wait();

    /// What it and ionctl have written to stderr so far; the usage texts once it has ended.
    [[nodiscard]] std::string errors() const;

    /// Waits for its end: the usage texts must be those of heaps with nothing in them, and of no client.
    void expect_nothing_left();

    /// Where its copies are, and where it may write.
    [[nodiscard]] const std::string& folder() const { return folder_.path(); }

  private:
    PublicFolder folder_;
    std::optional<Program> process_;
};

}  // namespace ion::test
