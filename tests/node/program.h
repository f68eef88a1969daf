// SPDX-License-Identifier: Apache-2.0
//
// Program: a client of the daemon as a child process, with pipes to its input and from its output; and the bounded
// waiting that every test of running programs needs.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"

namespace ion::test {

/// How long anything may take before the test calls it stuck; generous, for emulated machines.
inline constexpr std::chrono::seconds kPatience{60};

/// Asks again and again until `condition` holds; false when kPatience is over.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

/// Path of a client program of this build.
[[nodiscard]] std::string client_path(const std::string& name);

/// Content of a file, empty if it cannot be read.
[[nodiscard]] std::string read_file(const std::string& path);

/// The lines of a text, without empty ones.
[[nodiscard]] std::vector<std::string> lines_of(const char* text);

/// Killed and reaped with its object, if it still runs.
class Program {
  public:
    /// Starts `path`. The numbers in `inherited` stay open in it.
    Program(const std::string& path, const std::vector<std::string>& arguments,
            const std::vector<int>& inherited = {});
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }

    void write_line(const std::string& text = {});
    void close_input() { input_.reset(); }

    /// The next line of its output without the newline; nullopt at the end of it, or when none comes in time.
    [[nodiscard]] std::optional<std::string> read_line(std::chrono::seconds patience = kPatience);

    /// All further lines; `patience` is for each.
    [[nodiscard]] std::vector<std::string> read_lines(std::chrono::seconds patience = kPatience);

    void signal(int number) const;

    /// Waits for its end. Its status as from waitpid; -1 when it does not end.
    [[nodiscard]] int wait();

  private:
    pid_t pid_ = -1;
    UniqueFd input_;
    UniqueFd output_;
    std::string pending_;  // read, not yet a line
    std::optional<int> status_;
};

}  // namespace ion::test
