// SPDX-License-Identifier: Apache-2.0

#include "tests/node/injector_fixture.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>

#include "daemon/base/fd_message.h"

namespace ion::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kMagic = 0x10f0;  // what injectee looks for

/// A child that ends with this process; 0 in the child.
pid_t fork_bound() {
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) {
            ::_exit(1);
        }
    }
    return pid;
}

/// Puts this process under a filter that allows everything.
void confine() {
    sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const sock_fprog program{.len = 1, .filter = &allow};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        ::_exit(1);
    }
}

}  // namespace

InjectorProcess::InjectorProcess(int reply_target, const InjectorTraits& traits) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        ADD_FAILURE() << "socketpair";
    }
    socket_.reset(pair[0]);
    UniqueFd theirs(pair[1]);
    pid_ = fork_bound();
    if (pid_ == 0) {
        socket_.reset();
        if (traits.confined) {
            confine();
        }
        const std::array<int, 1> targets{reply_target};
        ::_exit(run_injector({.job_socket = theirs.get(),
                              .reply_targets = targets,
                              .stop_timeout_ms = traits.stop_timeout_ms,
                              .by_name = traits.by_name}));
    }
}

InjectorProcess::~InjectorProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

void InjectorProcess::send(const Job& job, std::span<const std::byte> payload, int descriptor) {
    std::vector<std::byte> message(sizeof job + payload.size());
    std::memcpy(message.data(), &job, sizeof job);
    std::ranges::copy(payload, message.begin() + sizeof job);
    const auto sent = send_message(socket(), message, descriptor, 0);
    EXPECT_TRUE(sent) << sent.error().context;
}

std::optional<Outcome> InjectorProcess::receive(int patience_ms) {
    std::vector<std::byte> buffer(sizeof(JobResult) + kMaxJobPayload);
    if (!readable(socket(), patience_ms)) {
        return std::nullopt;
    }
    auto message = receive_message(socket(), buffer, 0);
    if (!message || message->size < sizeof(JobResult)) {
        return std::nullopt;
    }
    buffer.resize(message->size);
    Outcome outcome{};
    std::memcpy(&outcome.result, buffer.data(), sizeof outcome.result);
    outcome.payload.assign(buffer.begin() + sizeof(JobResult), buffer.end());
    outcome.descriptor = std::move(message->fd);
    return outcome;
}

std::optional<Outcome> InjectorProcess::run(Job job, std::span<const std::byte> payload, int descriptor) {
    job.id = next_id++;
    send(job, payload, descriptor);
    return receive();
}

int InjectorProcess::exit_status() {
    int status = -1;
    if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) {
        return -1;
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Client::Client(Node& node, const std::string& program, const std::vector<std::string>& arguments)
    : node_(node) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
        ADD_FAILURE() << "pipe2";
    }
    UniqueFd their_input(in[0]);
    UniqueFd their_output(out[1]);
    input_.reset(in[1]);
    output_.reset(out[0]);
    pid_ = fork_bound();
    if (pid_ == 0) {
        ::dup2(their_input.get(), STDIN_FILENO);
        ::dup2(their_output.get(), STDOUT_FILENO);
        std::vector<char*> argv{const_cast<char*>(program.c_str())};
        for (const auto& argument : arguments) {
            argv.push_back(const_cast<char*>(argument.c_str()));
        }
        argv.push_back(nullptr);
        ::execv(program.c_str(), argv.data());
        ::_exit(127);
    }
}

Client::~Client() {
    if (!status_) {
        ::kill(pid_, SIGKILL);
        EXPECT_TRUE(wait_for_end()) << "client " << pid_ << " cannot be reaped";
    }
}

bool Client::ended() {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
        status_ = status;
    }
    return status_.has_value();
}

bool Client::wait_for_end() {
    return eventually([&] {
        node_.catch_up();
        return ended();
    });
}

void Client::write_line() {
    EXPECT_EQ(::write(input_.get(), "\n", 1), 1);
}

std::string Client::read_line() {
    std::string line;
    for (char c = 0; readable(output_.get()) && ::read(output_.get(), &c, 1) == 1 && c != '\n';) {
        line += c;
    }
    return line;
}

std::string client_path(const std::string& name) {
    return std::string(ION_BINARY_DIR) + "/clients/" + name;
}

UniqueFd make_export() {
    UniqueFd fd(::memfd_create("export", MFD_CLOEXEC));
    EXPECT_EQ(::ftruncate(fd.get(), 4096), 0);
    EXPECT_EQ(::pwrite(fd.get(), &kMagic, sizeof kMagic, 0), static_cast<ssize_t>(sizeof kMagic));
    return fd;
}

Stage::Stage(const InjectorTraits& traits) : injector(node.device(), traits) {}

std::unique_ptr<Client> Stage::start(const std::string& program, const std::string& mode,
                                     const std::string& argument) {
    auto client =
        std::make_unique<Client>(node, client_path(program), std::vector{node.path(), mode, argument});
    // It opens the node before it says that it is ready; these requests come before any ioctl.
    while (true) {
        std::array<pollfd, 2> entries{};
        entries[0] = {.fd = node.device(), .events = POLLIN, .revents = 0};
        entries[1] = {.fd = client->output(), .events = POLLIN, .revents = 0};
        if (::poll(entries.data(), entries.size(), kPatienceMs) <= 0) {
            ADD_FAILURE() << "the client does not start";
            break;
        }
        if (entries[1].revents != 0) {
            EXPECT_EQ(client->read_line(), "ready");
            break;
        }
        node.serve();
    }
    client->write_line();
    return client;
}

Job Stage::job_for(const Pending& call) {
    return {.id = injector.next_id++,
            .kind = JobKind::kDeliver,
            .tid = call.tid,
            .command = call.command,
            .argument = call.argument,
            .pending_result = kPendingResult,
            .number_address = call.argument + offsetof(Allocation, fd),
            .close_on_exec = (call.data.flags & kKeepOnExec) == 0,
            .failure_writes_errno = (call.data.flags & kErrnoInFd) != 0,
            .failure_result = (call.data.flags & kSucceedOnFailure) != 0};
}

void Stage::begin(const Pending& call) {
    const auto gift = make_export();
    injector.send(job_for(call), Node::pending_reply(call), gift.get());
}

std::optional<Outcome> Stage::finish() {
    while (true) {
        std::array<pollfd, 2> entries{};
        entries[0] = {.fd = node.device(), .events = POLLIN, .revents = 0};
        entries[1] = {.fd = injector.socket(), .events = POLLIN, .revents = 0};
        if (::poll(entries.data(), entries.size(), kPatienceMs) <= 0) {
            return std::nullopt;
        }
        if (entries[1].revents != 0) {
            return injector.receive(0);
        }
        if (auto call = node.serve()) {
            waiting_.push_back(*call);
        }
    }
}

std::optional<Pending> Stage::next() {
    if (waiting_.empty()) {
        return node.next();
    }
    const auto call = waiting_.front();
    waiting_.erase(waiting_.begin());
    return call;
}

int Stage::serve_until_end(Client& client) {
    const auto patience = std::chrono::milliseconds(kPatienceMs);
    auto deadline = Clock::now() + patience;
    while (!client.ended() && Clock::now() < deadline) {
        if (waiting_.empty() && !readable(node.device(), 10)) {
            continue;
        }
        deadline = Clock::now() + patience;
        auto call = waiting_.empty() ? node.serve() : next();
        if (!call) {
            continue;
        }
        begin(*call);
        const auto outcome = finish();
        if (!outcome) {
            ADD_FAILURE() << "no answer from the injector";
            return -1;
        }
        if (outcome->result.error != 0) {
            failures.push_back(outcome->result);
            if (outcome->result.replied == 0) {
                node.answer(*call, -outcome->result.error);
            }
        }
    }
    return client.status().value_or(-1);
}

}  // namespace ion::test
