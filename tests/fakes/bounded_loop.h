// SPDX-License-Identifier: Apache-2.0
//
// BoundedLoop: an EventLoop that runs, once, until something is so, or gives up.

#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>

#include "daemon/loop/event_loop.h"

namespace ion {

/// Far more than anything here takes, also on a busy machine; never reached by a test that passes.
inline constexpr std::chrono::seconds kPatience{20};

class BoundedLoop {
  public:
    BoundedLoop() : loop_(create()) {}

    EventLoop& operator*() { return *loop_; }

    /// Runs the loop until `done`, asked after every turn, says so. False when that does not come.
    bool run_until(const std::function<bool()>& done) {
        bool patient = true;
        const Watch deadline = loop_->every(kPatience, [&] {
            patient = false;
            loop_->stop();
        });
        bool reached = false;
        loop_->run([&] {
            reached = patient && done();
            if (reached) {
                loop_->stop();
            }
        });
        return reached;
    }

  private:
    static std::unique_ptr<EventLoop> create() {
        auto loop = EventLoop::create();
        EXPECT_TRUE(loop);
        return loop ? *std::move(loop) : nullptr;
    }

    std::unique_ptr<EventLoop> loop_;
};

}  // namespace ion
