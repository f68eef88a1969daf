// SPDX-License-Identifier: Apache-2.0
//
// The load under which workers are killed and daemons upgraded: 16 clients of all generations, by injection and by
// channel, and how long they have to wait.

#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "tests/node/churn_load.h"
#include "tests/node/patience.h"

namespace ion::test {

/// Their kinds are churn.c's.
inline constexpr std::array kClients{
    std::pair("a", 1),       std::pair("a", 1),       std::pair("a", 2),       std::pair("b", 1),
    std::pair("b", 1),       std::pair("b", 1),       std::pair("b", 4),       std::pair("c", 1),
    std::pair("c", 1),       std::pair("c", 1),       std::pair("c", 1),       std::pair("c", 4),
    std::pair("channel", 1), std::pair("channel", 1), std::pair("channel", 1), std::pair("channel", 2)};
static_assert(kClients.size() == 16);

inline void start(Load& load) {
    for (const auto& [kind, threads] : kClients) {
        load.add(kind, threads);
    }
}

/// How long clients wait when their worker is taken away.
class Waits {
  public:
    explicit Waits(Load& load) : load_(load) {}

    /// As many answers as there are threads could have been on their way: one more is the next worker's.
    [[nodiscard]] bool await_answer(Clock::time_point begin) {
        const bool answered = load_.advance(load_.threads() + 1);
        waits_.push_back(Clock::now() - begin);
        return answered;
    }

    void print(const char* what) {
        std::ranges::sort(waits_);
        std::printf("from %s to the next answer, %zu times: median %.1f ms, longest %.1f ms\n", what,
                    waits_.size(), waits_[waits_.size() / 2].count(), waits_.back().count());
    }

  private:
    Load& load_;
    std::vector<std::chrono::duration<double, std::milli>> waits_;
};

}  // namespace ion::test
