// SPDX-License-Identifier: Apache-2.0
//
// ContentProtection: whether the memory of a heap is locked away from programs, and what may be done with it
// meanwhile. The rules of msm-3.4's CP heap.

#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "daemon/base/result.h"
#include "heaps/heap.h"

namespace ion {

/// Who the protected memory is for; the value is msm's permission_type.
enum class ContentPermission : std::uint8_t { kMultimedia, kVideoFirmware, kDisplayWriteback };

/// The one who can lock memory: TrustZone on a real machine.
class TrustZone {
  public:
    TrustZone() = default;
    TrustZone(const TrustZone&) = delete;
    TrustZone& operator=(const TrustZone&) = delete;
    virtual ~TrustZone() = default;

    /// Errors: whatever it says; then nothing has changed.
    [[nodiscard]] virtual Result<void> lock(const PlacedRange& range, ContentPermission permission) = 0;
    [[nodiscard]] virtual Result<void> unlock(const PlacedRange& range, ContentPermission permission) = 0;
};

/// The loop thread only. Makes no system call.
class ContentProtection {
  public:
    struct Rules {
        PlacedRange secured;  ///< what is locked and unlocked, as one
        ContentPermission permission = ContentPermission::kMultimedia;
        bool no_nonsecure_alloc = false;  ///< only secure and contiguous allocations are served
    };

    ContentProtection(Rules rules, std::unique_ptr<TrustZone> trust_zone)
        : rules_(rules), trust_zone_(std::move(trust_zone)) {}

    /// Whether memory may be allocated with these ION flags now. Protected memory is for secure allocations alone,
    /// and those need that no program and no cached mapping can see any of the heap. Errors: ENOMEM.
    [[nodiscard]] Result<void> may_allocate(std::uint32_t flags) const;

    /// A program is about to map a buffer, or the last one of the buffer has gone. Errors: EAGAIN while protected.
    [[nodiscard]] Result<void> map_user();
    void unmap_user();

    /// Whether the daemon may map a buffer. Errors: EAGAIN for a cached mapping while protected.
    [[nodiscard]] Result<void> may_map_kernel(bool cached) const;
    void kernel_mapped(bool cached);
    void kernel_unmapped(bool cached);

    /// The first call locks the memory, further ones count. Errors: EINVAL while a program or a cached mapping sees
    /// the heap; what TrustZone says, and then the call has not been counted.
    [[nodiscard]] Result<void> secure();

    /// The last call unlocks the memory; one without a secure() before it does nothing. Errors: what TrustZone
    /// says; the call is counted all the same, and the memory stays protected.
    [[nodiscard]] Result<void> unsecure();

    [[nodiscard]] bool is_protected() const { return protected_; }
    [[nodiscard]] std::uint64_t protect_count() const { return protect_count_; }
    [[nodiscard]] std::uint64_t user_mappings() const { return user_mappings_; }
    [[nodiscard]] std::uint64_t kernel_mappings() const { return cached_mappings_ + uncached_mappings_; }

  private:
    /// True when a program or a cached mapping sees the heap.
    [[nodiscard]] bool exposed() const { return user_mappings_ != 0 || cached_mappings_ != 0; }

    Rules rules_;
    std::unique_ptr<TrustZone> trust_zone_;
    bool protected_ =
        false;  ///< msm's heap_protected; not the same as a count above 0, as an unlock can fail
    std::uint64_t protect_count_ = 0;
    std::uint64_t user_mappings_ = 0;
    std::uint64_t cached_mappings_ = 0;
    std::uint64_t uncached_mappings_ = 0;
};

}  // namespace ion
