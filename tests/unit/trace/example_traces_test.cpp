// SPDX-License-Identifier: Apache-2.0
//
// The traces that come with the project can be replayed, and are hard enough to tell heaps apart.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "heaps/trace/trace.h"

namespace ion {
namespace {

constexpr std::uintmax_t kMaxFile = 100'000;

class ExampleTraces : public ::testing::TestWithParam<const char*> {};

TEST_P(ExampleTraces, AreSmallAndWhole) {
    const std::string path = std::string(ION_SOURCE_DIR "/examples/traces/") + GetParam() + ".trace";
    EXPECT_LT(std::filesystem::file_size(path), kMaxFile);
    std::ifstream file(path);

    const auto trace = read_trace(file, path);

    ASSERT_TRUE(trace) << trace.error().context;
    EXPECT_GT(trace->events.size(), 400U);
    EXPECT_EQ(trace->lost, 0U);
}

INSTANTIATE_TEST_SUITE_P(All, ExampleTraces,
                         ::testing::Values("camera_preview", "video_decode", "compositor"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace ion
