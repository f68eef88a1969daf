// SPDX-License-Identifier: Apache-2.0

#include "daemon/loop/loop_door.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace ion {
namespace {

/// A loop with a door that runs until `threads` threads have ended; `work` is what each of them does.
void run_with(int threads, const std::function<void(LoopDoor&, int)>& work) {
    auto loop = EventLoop::create();
    ASSERT_TRUE(loop);
    auto door = LoopDoor::create(**loop);
    ASSERT_TRUE(door);
    int ended = 0;
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) {
        all.emplace_back([&, i] {
            work(**door, i);
            (*door)->post([&] { ++ended; });
        });
    }
    (*loop)->run([&] {
        if (ended == threads) {
            (*loop)->stop();
        }
    });
    for (std::thread& one : all) {
        one.join();
    }
}

TEST(LoopDoor, RunsOnTheLoopsThreadAndWaitsForTheEnd) {
    const auto loops_thread = std::this_thread::get_id();
    run_with(1, [&](LoopDoor& door, int /*number*/) {
        std::thread::id where;
        door.run([&] { where = std::this_thread::get_id(); });
        EXPECT_EQ(where, loops_thread);
    });
}

TEST(LoopDoor, KeepsTheOrderOfEachThreadAndLosesNothing) {
    constexpr int kThreads = 4;
    constexpr int kCalls = 1000;
    std::vector<std::vector<int>> seen(kThreads);  // touched by the loop's thread alone
    run_with(kThreads, [&](LoopDoor& door, int number) {
        for (int i = 0; i < kCalls; ++i) {
            const auto note = [&seen, number, i] { seen[static_cast<std::size_t>(number)].push_back(i); };
            if (i % 3 == 0) {
                door.run(note);
            } else {
                door.post(note);
            }
        }
    });
    std::vector<int> expected(kCalls);
    for (int i = 0; i < kCalls; ++i) {
        expected[static_cast<std::size_t>(i)] = i;
    }
    for (const auto& calls : seen) {
        EXPECT_EQ(calls, expected);
    }
}

TEST(LoopDoor, MayBeUsedByWhatItRuns) {
    bool done = false;
    run_with(1, [&](LoopDoor& door, int /*number*/) { door.run([&] { door.post([&] { done = true; }); }); });
    EXPECT_TRUE(done);
}

}  // namespace
}  // namespace ion
