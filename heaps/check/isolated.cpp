// SPDX-License-Identifier: Apache-2.0

#include "heaps/check/isolated.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <sstream>

#include "daemon/base/unique_fd.h"

namespace ion::check {
namespace {

constexpr std::size_t kMaxMessage = 128 * 1024;

Verdict broken(std::string text) {
    return {.kind = Verdict::Kind::kBroken, .text = std::move(text)};
}

Verdict guarded(const Promise& promise, const Subject& subject, const Effort& effort) {
    try {
        return promise.check(subject, effort);
    } catch (const std::exception& thrown) {
        return broken(fmt::format("an exception: {}", thrown.what()));
    } catch (...) {
        return broken("an exception that is no std::exception");
    }
}

/// Numbers, then the length of the text, then both texts.
std::string packed(const Verdict& verdict) {
    return fmt::format("{} {} {} {} {}{}", static_cast<int>(verdict.kind), verdict.seed, verdict.cases,
                       verdict.text.size(), verdict.text, verdict.steps)
        .substr(0, kMaxMessage);
}

Verdict unpacked(const std::string& message) {
    std::istringstream in(message);
    int kind = 0;
    std::size_t text_size = 0;
    Verdict verdict;
    in >> kind >> verdict.seed >> verdict.cases >> text_size;
    in.get();
    verdict.kind = static_cast<Verdict::Kind>(kind);
    const std::string texts(std::istreambuf_iterator<char>(in), {});
    verdict.text = texts.substr(0, text_size);
    verdict.steps = texts.substr(std::min(text_size, texts.size()));
    return verdict;
}

[[noreturn]] void run_child(int socket, const Promise& promise, const Subject& subject,
                            const Effort& effort) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int deadly : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
        ::signal(deadly, SIG_DFL);  // a crash is the parent's to tell, not a sanitizer's
    }
    ::signal(SIGIO, SIG_IGN);  // as in the daemon: see Memory::idle()
    const std::string message = packed(guarded(promise, subject, effort));
    const bool sent = ::send(socket, message.data(), message.size(), MSG_NOSIGNAL) >= 0;
    ::_exit(sent ? 0 : 1);
}

std::string death_of(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? fmt::format("it crashed: {}", ::strsignal(WTERMSIG(status)))
                               : fmt::format("it ended the process with status {}", WEXITSTATUS(status));
}

/// True when there is something to read, or the other end has gone, within `patience`.
bool wait_for(int socket, std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<long>(left.count(), 0)));
        if (ready >= 0 || errno != EINTR) {
            return ready > 0;
        }
    }
}

/// Memory that this process and a child see.
class SharedLastCase {
  public:
    SharedLastCase()
        : at_(::mmap(nullptr, sizeof(LastCase), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {}
    SharedLastCase(const SharedLastCase&) = delete;
    SharedLastCase& operator=(const SharedLastCase&) = delete;
    ~SharedLastCase() {
        if (at_ != MAP_FAILED) {
            ::munmap(at_, sizeof(LastCase));
        }
    }

    /// Null when there is no memory for it.
    [[nodiscard]] LastCase* get() const { return at_ == MAP_FAILED ? nullptr : static_cast<LastCase*>(at_); }

  private:
    void* at_;  // all zero, which is an empty LastCase
};

/// The verdict on a heap that did not live to give one.
Verdict broken_in(std::string text, const LastCase* last) {
    Verdict verdict = broken(std::move(text));
    if (last != nullptr) {
        verdict.seed = last->seed;
        verdict.steps = last->steps.data();
    }
    return verdict;
}

}  // namespace

Verdict check_isolated(const Promise& promise, const Subject& subject, const Effort& effort,
                       std::chrono::milliseconds patience) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return broken(fail_errno(errno, "socketpair").context);
    }
    const UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    const SharedLastCase last;
    const pid_t child = ::fork();
    if (child < 0) {
        return broken(fail_errno(errno, "fork").context);
    }
    if (child == 0) {
        Effort noted = effort;
        noted.last = last.get();
        run_child(theirs.get(), promise, subject, noted);
    }
    theirs.reset();
    if (!wait_for(ours.get(), effort.time + patience)) {
        ::kill(child, SIGKILL);
        static_cast<void>(death_of(child));
        const std::chrono::duration<double> waited = effort.time + patience;
        return broken_in(fmt::format("it does not come to an end within {} s", waited.count()), last.get());
    }
    std::string message(kMaxMessage, '\0');
    const ssize_t size = ::recv(ours.get(), message.data(), message.size(), 0);
    const std::string death = death_of(child);
    if (size <= 0) {
        return broken_in(death, last.get());
    }
    message.resize(static_cast<std::size_t>(size));
    return unpacked(message);
}

}  // namespace ion::check
