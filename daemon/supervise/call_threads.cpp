// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/call_threads.h"

#include <csignal>
#include <system_error>
#include <thread>

#include "daemon/base/log.h"

namespace ion {

namespace {

/// Those beyond wait for one of these calls to end. Each of the program's threads is in one call at most.
constexpr int kMaxThreads = 256;

/// Without another thread to serve it the next call would wait for one that may never end, so there are two.
constexpr int kFirstThreads = 2;

}  // namespace

void CallThreads::start() {
    const std::scoped_lock lock(mutex_);
    for (int i = 0; i < kFirstThreads; ++i) {
        start_one();
    }
}

/// With mutex_ held.
void CallThreads::start_one() {
    sigset_t all;
    sigset_t former;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &former);  // a new thread begins with this one's mask
    try {
        std::thread([this] { run(); }).detach();
        ++threads_;
        ++waiting_;
    } catch (const std::system_error& error) {
        ION_WARN("run", "no thread to serve calls at the same time: {}", error.what());
    }
    ::pthread_sigmask(SIG_SETMASK, &former, nullptr);
}

void CallThreads::run() {
    while (const auto call = listener_.receive()) {
        {
            const std::scoped_lock lock(mutex_);
            if (--waiting_ == 0 && threads_ < kMaxThreads) {
                start_one();
            }
        }
        serve_(*call);
        const std::scoped_lock lock(mutex_);
        ++waiting_;
    }
}

}  // namespace ion
