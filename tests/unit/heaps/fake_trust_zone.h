// SPDX-License-Identifier: Apache-2.0
//
// FakeTrustZone: locks one range in a test's own record, or fails as the test wants.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "heaps/content_protection.h"

namespace ion {

/// What a test decides about its FakeTrustZone and what it did.
struct TrustZoneScript {
    int failure = 0;  ///< not 0: calls fail with this errno
    bool locked = false;
    int calls = 0;
    PlacedRange range{};  ///< of the last call
    ContentPermission permission = ContentPermission::kMultimedia;
};

/// The script outlives it.
class FakeTrustZone final : public TrustZone {
  public:
    explicit FakeTrustZone(TrustZoneScript& script) : script_(script) {}

    [[nodiscard]] Result<void> lock(const PlacedRange& range, ContentPermission permission) override {
        return set_locked(true, range, permission);
    }
    [[nodiscard]] Result<void> unlock(const PlacedRange& range, ContentPermission permission) override {
        return set_locked(false, range, permission);
    }

  private:
    Result<void> set_locked(bool locked, const PlacedRange& range, ContentPermission permission) {
        ++script_.calls;
        script_.range = range;
        script_.permission = permission;
        if (script_.failure != 0) {
            return fail(script_.failure, "fake TrustZone");
        }
        script_.locked = locked;
        return {};
    }

    TrustZoneScript& script_;
};

}  // namespace ion
