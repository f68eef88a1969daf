// SPDX-License-Identifier: Apache-2.0
//
// PluginGuard: the one way into a plug-in's heap or driver. It says where the process is, and lets no exception out.

#pragma once

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

#include "daemon/base/activity.h"
#include "daemon/base/result.h"

namespace ion {

/// The loop thread only.
class PluginGuard {
  public:
    /// Exceptions after which it is disabled: it will not get better by itself, and each costs a line of log.
    static constexpr int kMaxExceptions = 16;

    /// `who`: "heap NAME of plug-in TITLE" or the like; `subject`: of the activity, which outlives this;
    /// `penalty`: what the log says when it is disabled.
    PluginGuard(Activity& activity, std::string who, int subject, const char* penalty)
        : activity_(activity), who_(std::move(who)), subject_(subject), penalty_(penalty) {}

    /// Runs `action` as `operation`; what it gives, or EIO when it throws.
    template <typename Action>
    requires(!std::is_void_v<std::invoke_result_t<Action>>) auto run(const char* operation,
                                                                     const Action& action)
        -> std::invoke_result_t<Action> {
        return run(operation, action, fail(EIO, "the plug-in threw an exception"));
    }

    /// Runs `action` as `operation`; what it gives, or `otherwise` when it throws.
    template <typename Action, typename Otherwise>
    auto run(const char* operation, const Action& action, Otherwise otherwise)
        -> std::invoke_result_t<Action> {
        const ActivityNote note(activity_, operation, who_, subject_);
        try {
            return action();
        } catch (const std::exception& thrown) {
            report(operation, thrown.what());
        } catch (...) {
            report(operation, "something that is no std::exception");
        }
        return otherwise;
    }

    template <typename Action>
    requires std::is_void_v<std::invoke_result_t<Action>>
    void run(const char* operation, const Action& action) {
        (void)run(
            operation,
            [&] {
                action();
                return true;
            },
            false);
    }

    /// Logs that the plug-in did what no heap may.
    void report(const char* operation, const char* what);

    [[nodiscard]] bool disabled() const { return exceptions_ >= kMaxExceptions; }
    [[nodiscard]] const std::string& who() const { return who_; }

  private:
    Activity& activity_;
    std::string who_;
    int subject_;
    const char* penalty_;
    int exceptions_ = 0;
};

}  // namespace ion
