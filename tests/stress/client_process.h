// SPDX-License-Identifier: Apache-2.0
//
// ClientProcess: one running tests/clients/stress_client, seen from the test.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/base/unique_fd.h"
#include "tests/clients/stress_report.h"

namespace ion::test {

/// A kind of client: a row in the table of results.
struct ClientKind {
    const char* name;
    const char* program;  ///< in the build's clients
    const char* mode;
};

class ClientProcess {
  public:
    /// Starts one that does `rounds` rounds.
    ClientProcess(const ClientKind& kind, const std::string& device, std::uint32_t seed, std::uint32_t rounds,
                  const std::string& silent_file = "");
    /// Kills what still runs.
    ~ClientProcess();
    ClientProcess(const ClientProcess&) = delete;
    ClientProcess& operator=(const ClientProcess&) = delete;

    [[nodiscard]] const ClientKind& kind() const { return kind_; }
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] stress_report& report() const { return *report_; }

    /// Its stdout: readable when it has done its rounds, or has died.
    [[nodiscard]] int output() const { return output_.get(); }

    /// Waits for the end of its rounds; false if it does not come or the client dies instead.
    [[nodiscard]] bool wait_until_done();

    /// True when none of its threads is traced or stopped. `why` gets the status that says otherwise.
    [[nodiscard]] bool runs_free(std::string& why) const;

    /// Lets it end, or kills it. The status as from waitpid; nothing if it does not end.
    std::optional<int> finish();
    std::optional<int> kill();

  private:
    std::optional<int> wait();

    const ClientKind& kind_;
    stress_report* report_ = nullptr;
    pid_t pid_ = -1;
    UniqueFd pidfd_;
    UniqueFd input_;
    UniqueFd output_;
};

/// Reaps what clients left behind when they were killed (the test is their subreaper), when no client of its own
/// is left. The number of those that died otherwise than by SIGKILL or status 0.
int reap_orphans();

}  // namespace ion::test
