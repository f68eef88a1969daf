// SPDX-License-Identifier: Apache-2.0

#include "heaps/content_protection.h"

#include <cassert>

namespace ion {

Result<void> ContentProtection::may_allocate(std::uint32_t flags) const {
    const bool secure = (flags & kFlagSecure) != 0;
    if (!secure && protected_) {
        return fail(ENOMEM, "the heap is protected: it has memory for secure allocations alone");
    }
    if (!secure && rules_.no_nonsecure_alloc && (flags & kFlagForceContiguous) == 0) {
        return fail(ENOMEM, "the heap has memory for secure and contiguous allocations alone");
    }
    if (secure && exposed()) {
        return fail(ENOMEM, "the heap is mapped: secure memory could be seen");
    }
    return {};
}

Result<void> ContentProtection::map_user() {
    if (protected_) {
        return fail(EAGAIN, "the heap is protected");
    }
    ++user_mappings_;
    return {};
}

void ContentProtection::unmap_user() {
    assert(user_mappings_ != 0);
    --user_mappings_;
}

Result<void> ContentProtection::may_map_kernel(bool cached) const {
    if (protected_ && cached) {
        return fail(EAGAIN, "the heap is protected: no cached mapping");
    }
    return {};
}

void ContentProtection::kernel_mapped(bool cached) {
    ++(cached ? cached_mappings_ : uncached_mappings_);
}

void ContentProtection::kernel_unmapped(bool cached) {
    auto& count = cached ? cached_mappings_ : uncached_mappings_;
    assert(count != 0);
    --count;
}

Result<void> ContentProtection::secure() {
    if (exposed()) {
        return fail(EINVAL, "the heap is mapped");
    }
    if (protect_count_ == 0) {
        if (auto locked = trust_zone_->lock(rules_.secured, rules_.permission); !locked) {
            return locked;
        }
        protected_ = true;
    }
    ++protect_count_;
    return {};
}

Result<void> ContentProtection::unsecure() {
    if (protect_count_ == 0 || --protect_count_ != 0) {
        return {};
    }
    auto unlocked = trust_zone_->unlock(rules_.secured, rules_.permission);
    protected_ = !unlocked;
    return unlocked;
}

}  // namespace ion
