// SPDX-License-Identifier: Apache-2.0

#include "tests/node/patience.h"

#include <poll.h>

#include <algorithm>
#include <cstdlib>

namespace ion::test {

std::uint32_t seed() {
    static const std::uint32_t chosen = [] {
        const char* given = std::getenv("ION_STRESS_SEED");
        return given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 0))
                                : std::random_device()();
    }();
    return chosen;
}

std::uint32_t scaled(std::uint32_t count) {
    static const double scale = [] {
        const char* given = std::getenv("ION_STRESS_SCALE");
        return given != nullptr ? std::strtod(given, nullptr) : 1.0;
    }();
    return std::max(1U, static_cast<std::uint32_t>(count * scale));
}

bool readable_within(int fd, std::chrono::milliseconds time) {
    pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&readable, 1, static_cast<int>(time.count())) == 1;
}

}  // namespace ion::test
