// SPDX-License-Identifier: Apache-2.0
//
// SimulatedTrustZone: locks nothing, and fails as it is told, or as the real one does for a range it cannot take.

#pragma once

#include "heaps/content_protection.h"

namespace ion {

class SimulatedTrustZone final : public TrustZone {
  public:
    /// Errnos, 0 for none.
    struct Failures {
        int lock = 0;
        int unlock = 0;
    };

    /// Version 2 of the call to TrustZone takes its range in chunks of 1 MiB; version 1 any range of pages.
    static constexpr std::uint64_t kChunk = 1 << 20;

    /// `version`: 1 or 2.
    SimulatedTrustZone(std::uint64_t version, Failures failures) : version_(version), failures_(failures) {}

    [[nodiscard]] Result<void> lock(const PlacedRange& range, ContentPermission /*permission*/) override {
        if (version_ == 2 && range.size % kChunk != 0) {
            return fail(EINVAL, "TrustZone locks multiples of 1 MiB alone");
        }
        return outcome(failures_.lock);
    }
    [[nodiscard]] Result<void> unlock(const PlacedRange& /*range*/,
                                      ContentPermission /*permission*/) override {
        return outcome(failures_.unlock);
    }

  private:
    static Result<void> outcome(int error) {
        return error == 0 ? Result<void>() : fail(error, "TrustZone fails as configured");
    }

    std::uint64_t version_;
    Failures failures_;
};

}  // namespace ion
