// SPDX-License-Identifier: Apache-2.0
//
// FrozenClient: a client of eight threads that can be frozen in the middle of a call.

#pragma once

#include <string>

#include "tests/node/patience.h"
#include "tests/stress/client_process.h"
#include "tests/stress/freezer.h"

namespace ion::test {

class FrozenClient {
  public:
    /// Works until its report says stop.
    FrozenClient(FreezerKind kind, const ClientKind& row, const std::string& device, std::uint32_t seed)
        : freezer_(kind), client_(row, device, seed, UINT32_MAX), ready_(freezer_.take(client_.pid())) {}
    ~FrozenClient() { (void)freezer_.thaw(); }  // before it is killed
    FrozenClient(const FrozenClient&) = delete;
    FrozenClient& operator=(const FrozenClient&) = delete;

    /// Why it cannot be frozen here, or nothing.
    [[nodiscard]] std::string missing() const {
        return ready_ || !freezer_.missing().empty() ? freezer_.missing()
                                                     : "its group does not take a process";
    }

    /// Freezes it while at least one thread waits for an allocation; false when that does not succeed.
    bool freeze_in_call() {
        const auto deadline = Clock::now() + kPatience;
        while (Clock::now() < deadline && freezer_.freeze()) {
            if (stress_get(&client_.report().in_call) > 0) {
                return true;
            }
            if (!freezer_.thaw()) {
                return false;
            }
        }
        return false;
    }
    bool thaw() { return freezer_.thaw(); }

    [[nodiscard]] ClientProcess& client() { return client_; }

  private:
    Freezer freezer_;
    ClientProcess client_;
    bool ready_;
};

}  // namespace ion::test
