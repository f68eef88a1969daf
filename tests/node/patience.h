// SPDX-License-Identifier: Apache-2.0
//
// What the stress tests are run with (seed and scale, from the environment) and how they wait.

#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "tests/node/program.h"

namespace ion::test {

using Clock = std::chrono::steady_clock;

/// Of ION_STRESS_SEED, else random. Printed by the tests.
std::uint32_t seed();

/// `count` times ION_STRESS_SCALE (1 if it is not set), at least 1.
std::uint32_t scaled(std::uint32_t count);

/// Waits until `fd` (-1: nothing) can be read or `time` passes; true if it can.
bool readable_within(int fd, std::chrono::milliseconds time);

}  // namespace ion::test
