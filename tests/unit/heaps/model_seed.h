// SPDX-License-Identifier: Apache-2.0
//
// The seed of a model test: another one in each run, or the one in ION_MODEL_SEED, to repeat a run.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace ion {

inline std::uint32_t model_seed() {
    const char* const given = std::getenv("ION_MODEL_SEED");
    const std::uint32_t seed = given == nullptr ? std::random_device()()
                                                : static_cast<std::uint32_t>(std::strtoul(given, nullptr, 0));
    std::cout << "ION_MODEL_SEED=" << seed << " repeats this run\n";
    return seed;
}

}  // namespace ion
