// SPDX-License-Identifier: Apache-2.0
//
// A running daemon of this build in a folder of its own. By the environment variable ION_TEST_TRANSPORT=cuse it
// serves a CUSE device, by default a FUSE node; tests that use this are the same for both. ION_DAEMON=PATH runs
// another build of it, for example one with sanitizers, whose reports fail the test.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/options.h"
#include "tests/node/service_manager.h"

namespace ion::test {

/// True when daemons serve CUSE devices.
[[nodiscard]] bool tests_use_cuse();

/// How a daemon is started.
struct DaemonTraits {
    std::string config = {};                  ///< TOML; empty: the embedded default
    std::vector<std::string> arguments = {};  ///< more options
    std::string directory = {};               ///< runtime directory; empty: a fresh one, removed at the end
    bool service = false;                     ///< under a service manager that keeps its descriptors
};

/// A daemon of a test. A failure to start, or to do what a function asks for, fails the test. Whatever goes wrong,
/// no process, mount or file of it survives this object.
class Daemon {
  public:
    /// Waits until it is ready.
    explicit Daemon(const DaemonTraits& traits = {});
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    [[nodiscard]] const std::string& device() const { return device_; }
    [[nodiscard]] const std::string& usage() const { return usage_; }
    [[nodiscard]] const std::string& directory() const { return runtime_directory_; }
    [[nodiscard]] pid_t keeper() const { return keeper_; }

    /// The present worker; waits for one.
    [[nodiscard]] pid_t worker() const;

    /// All its processes.
    [[nodiscard]] std::vector<pid_t> processes() const;

    /// Kills the worker by SIGKILL and waits until another serves.
    void kill_worker();

    /// A query by another process is answered.
    [[nodiscard]] bool serves() const;

    /// What it has said so far.
    [[nodiscard]] std::string log() const;

    /// Waits until it has the processes and sockets of a daemon that has served nobody yet: injectors are started as
    /// needed, and end with the worker that uses them.
    [[nodiscard]] bool idle() const;

    /// What is open in the table that keeper and worker share, a line for each descriptor.
    [[nodiscard]] std::vector<std::string> descriptors() const;

    /// All heaps show a total of 0 and no client is listed, within a bounded time.
    [[nodiscard]] bool wait_until_empty() const;

    /// Stops it by SIGTERM and checks that it ends with status 0 and leaves nothing behind.
    void stop();

    /// Kills the keeper by SIGKILL and reaps it.
    void kill_keeper();

    /// Of a service whose keeper has been asked or made to end: does what a service manager does then, and waits until it
    /// serves again.
    void restart();

    /// Null when it is no service.
    [[nodiscard]] const ServiceManager* manager() const { return manager_.get(); }

  private:
    void start(const DaemonTraits& traits);
    void as_root_of_service(Result<void> (*action)(const CommandLine&)) const;
    void start_keeper();
    [[nodiscard]] bool reap();
    void clean_up();

    std::string directory_;  // everything of this daemon is below
    std::string runtime_directory_;
    bool existed_ = false;  // the runtime directory, before the start
    std::string device_;
    std::string usage_;
    std::vector<std::string> words_;  // program and arguments
    std::unique_ptr<ServiceManager> manager_;
    pid_t keeper_ = -1;
    pid_t session_ = -1;
    int status_ = -1;
};

/// Fails the test when a daemon that was built with a sanitizer has reported anything.
void expect_no_sanitizer_report(const std::string& log);

/// Text of a usage file, as a read from beginning to end gives it.
[[nodiscard]] std::string heap_text(const Daemon& daemon, const std::string& heap);

/// Has a heap give back the memory that it keeps for later buffers, but for what is being zeroed at this moment.
void empty_pool(const Daemon& daemon, const std::string& heap);

/// The last figure of the line of `text` that begins with `label`; -1 when there is none.
[[nodiscard]] std::int64_t figure(const std::string& text, const std::string& label);

/// Names in a directory, sorted.
[[nodiscard]] std::vector<std::string> names_in(const std::string& directory);

}  // namespace ion::test
