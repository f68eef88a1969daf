// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/holder_looks.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "daemon/base/file_id.h"
#include "heaps/memfd.h"
#include "tests/fakes/bounded_loop.h"

namespace ion {
namespace {

class HolderLooksTest : public testing::Test {
  protected:
    HolderLooksTest()
        : looks_(*HolderLooks::create(*loop_, [this] {
              ++begun_;
              return HolderLooks::Target{without_, 0};
          })) {}

    bool look() {
        bool done = false;
        looks_->when_fresh([&] { done = true; });
        return done || loop_.run_until([&] { return done; });
    }

    BoundedLoop loop_;
    std::set<pid_t> without_;
    int begun_ = 0;
    std::unique_ptr<HolderLooks> looks_;
};

TEST_F(HolderLooksTest, GivesWhatALookFound) {
    const auto file = make_sealed_memfd("ion", 4096);
    EXPECT_EQ(looks_->last(), nullptr);
    ASSERT_TRUE(look());
    ASSERT_NE(looks_->last(), nullptr);
    EXPECT_TRUE(looks_->last()->by_file.contains(*file_id_of(file->get())));
}

TEST_F(HolderLooksTest, LeavesOutWhomItIsTold) {
    const auto file = make_sealed_memfd("ion", 4096);
    without_ = {::getpid()};
    ASSERT_TRUE(look());
    EXPECT_FALSE(looks_->last()->by_file.contains(*file_id_of(file->get())));
}

TEST_F(HolderLooksTest, SharesOneLookAmongAllWhoWait) {
    int answered = 0;
    for (int i = 0; i < 5; ++i) {
        looks_->when_fresh([&] { ++answered; });
    }
    EXPECT_EQ(answered, 0) << "the loop must not wait";
    ASSERT_TRUE(loop_.run_until([&] { return answered == 5; }));
    EXPECT_EQ(begun_, 1);
}

}  // namespace
}  // namespace ion
