// SPDX-License-Identifier: Apache-2.0
//
// Random sequences of calls on a running daemon against the model, for ION_STATEFUL_SECONDS (10): first those of the
// seeds that once found something, then new ones. ION_STATEFUL_SEED=N runs that one alone.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "tests/stateful/model_run.h"

namespace ion::test {
namespace {

constexpr int kStepsOfASeed = 400;
constexpr int kSecondsByDefault = 10;

/// What an environment variable says.
std::optional<std::uint32_t> number_in(const char* variable) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? std::nullopt
                           : std::optional(static_cast<std::uint32_t>(std::strtoul(text, nullptr, 0)));
}

std::vector<std::uint32_t> kept_seeds() {
    std::ifstream file(ION_SEEDS);
    EXPECT_TRUE(file) << ION_SEEDS << " cannot be read";
    std::vector<std::uint32_t> seeds;
    for (std::uint32_t seed = 0; file >> seed;) {
        seeds.push_back(seed);
    }
    return seeds;
}

class Stateful : public testing::Test {
  protected:
    /// Everything is let go of at the end, and the daemon is empty then.
    void run(std::uint32_t seed) {
        ++runs_;
        {
            ModelRun run(daemon_, seed);
            ASSERT_TRUE(run.run(kStepsOfASeed))
                << "ION_STATEFUL_SEED=" << seed << " repeats it; to keep it, add it to " << ION_SEEDS << "\n"
                << run.what();
        }
        ASSERT_TRUE(daemon_.wait_until_empty()) << "ION_STATEFUL_SEED=" << seed;
    }

    Daemon daemon_;
    int runs_ = 0;
};

TEST_F(Stateful, DaemonAgreesWithTheModel) {
    if (const auto seed = number_in("ION_STATEFUL_SEED")) {
        run(*seed);
        daemon_.stop();
        return;
    }
    for (const std::uint32_t seed : kept_seeds()) {
        ASSERT_NO_FATAL_FAILURE(run(seed));
    }
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::seconds(number_in("ION_STATEFUL_SECONDS").value_or(kSecondsByDefault));
    std::random_device random;
    while (std::chrono::steady_clock::now() < end) {
        ASSERT_NO_FATAL_FAILURE(run(random()));
    }
    std::cout << runs_ << " sequences of " << kStepsOfASeed << " steps\n";
    daemon_.stop();
}

}  // namespace
}  // namespace ion::test
