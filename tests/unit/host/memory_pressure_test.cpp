// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/memory_pressure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/bounded_loop.h"
#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

class DrainPools : public testing::Test, protected FakeDevice {};

/// Of kernels with PSI; what a machine under pressure does cannot be had in a test.
TEST(MemoryPressure, IsWatchedWhereTheKernelTellsIt) {
    BoundedLoop loop;
    const auto watched = MemoryPressure::watch(*loop, kMemoryPressureFile, [] {});
    if (!watched) {
        GTEST_SKIP() << watched.error().context;
    }
    int turns = 0;
    const Watch turn = (*loop).every(std::chrono::milliseconds(1), [&] { ++turns; });
    EXPECT_TRUE(loop.run_until([&] { return turns == 3; })) << "and the loop goes on";
}

TEST(MemoryPressure, SaysWhyItIsNotWatched) {
    BoundedLoop loop;
    const auto missing = MemoryPressure::watch(*loop, "/proc/pressure/nothing", [] {});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ENOENT);
    EXPECT_THAT(missing.error().context, testing::HasSubstr("open /proc/pressure/nothing"));
    EXPECT_FALSE(MemoryPressure::watch(*loop, "/proc/self/status", [] {}));
}

TEST_F(DrainPools, TakesWhatEveryHeapKeeps) {
    low.keep_pooled(8192);
    high.keep_pooled(4096);
    EXPECT_EQ(drain_pools(heaps), 12288U);
    EXPECT_FALSE(low.can_shrink() || high.can_shrink());
    EXPECT_EQ(drain_pools(heaps), 0U);
}

}  // namespace
}  // namespace ion
