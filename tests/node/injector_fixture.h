// SPDX-License-Identifier: Apache-2.0
//
// What the injector's tests stand on: a node, an injector process, client programs. The test is one thread
// that serves all of them; every wait ends after kPatienceMs.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "daemon/deliver/injector.h"
#include "daemon/deliver/job.h"
#include "tests/node/injector_node.h"

namespace ion::test {

/// An answer of the injector.
struct Outcome {
    JobResult result;
    std::vector<std::byte> payload;
    UniqueFd descriptor;
};

/// How an injector differs from the usual one.
struct InjectorTraits {
    bool by_name = false;   ///< InjectorSetup::by_name
    bool confined = false;  ///< under a seccomp filter itself, so that it may not suspend those of others
    int stop_timeout_ms = kPatienceMs;
};

/// A process that runs run_injector().
class InjectorProcess {
  public:
    /// With `reply_target` as its only reply target.
    explicit InjectorProcess(int reply_target, const InjectorTraits& traits = {});
    ~InjectorProcess();
    InjectorProcess(const InjectorProcess&) = delete;
    InjectorProcess& operator=(const InjectorProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] int socket() const { return socket_.get(); }

    void send(const Job& job, std::span<const std::byte> payload = {}, int descriptor = -1);
    std::optional<Outcome> receive(int patience_ms = kPatienceMs);

    /// Both, with the next id.
    std::optional<Outcome> run(Job job, std::span<const std::byte> payload = {}, int descriptor = -1);

    /// Closes our end of the job socket.
    void hang_up() { socket_.reset(); }

    /// Its exit status, -1 if it does not end.
    int exit_status();

    std::uint64_t next_id = 1;

  private:
    pid_t pid_ = -1;
    UniqueFd socket_;
};

/// A program that uses `node`, with pipes to its input and from its output.
class Client {
  public:
    Client(Node& node, const std::string& program, const std::vector<std::string>& arguments);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] int output() const { return output_.get(); }
    [[nodiscard]] bool ended();
    /// Waits for it to end while the node serves it: a dying program waits for the answers to its last
    /// requests.
    [[nodiscard]] bool wait_for_end();
    /// As waitpid says, once it has ended.
    [[nodiscard]] std::optional<int> status() const { return status_; }

    void write_line();
    std::string read_line();

  private:
    Node& node_;
    pid_t pid_ = -1;
    UniqueFd input_;
    UniqueFd output_;
    std::optional<int> status_;
};

/// Path of a client program of this build.
std::string client_path(const std::string& name);

/// A memfd as tests hand it over: one page with the word that clients look for.
UniqueFd make_export();

/// Node, injector and the steps that every delivery consists of.
class Stage {
  public:
    explicit Stage(const InjectorTraits& traits = {});

    Node node;
    InjectorProcess injector;

    /// Starts injectee in `mode` and lets it go; the node's open is served.
    std::unique_ptr<Client> start(const std::string& program, const std::string& mode,
                                  const std::string& argument = "");

    /// A kDeliver job for `call`.
    Job job_for(const Pending& call);

    /// Sends that job, with a fresh export.
    void begin(const Pending& call);

    /// The injector's answer, while the node goes on serving; calls that come in the meantime are kept.
    std::optional<Outcome> finish();

    /// Waits for an ioctl of a client.
    std::optional<Pending> next();

    /// Delivers to every call, counting outcomes in `failures`, until `client` ends. Its status, -1 if it
    /// does not.
    int serve_until_end(Client& client);

    std::vector<JobResult> failures;  ///< results with an error

  private:
    std::vector<Pending> waiting_;
};

/// A client with its one call waiting.
struct OneCall {
    explicit OneCall(Stage& stage, const std::string& mode = "once", const std::string& argument = "")
        : client(stage.start("injectee", mode, argument)), call(stage.next().value_or(Pending{})) {}

    std::unique_ptr<Client> client;
    Pending call;
};

}  // namespace ion::test
