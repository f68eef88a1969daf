// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/default_limits.h"

#include <sys/resource.h>
#include <unistd.h>

#include "daemon/config/limit_tables.h"

namespace ion {

namespace {

/// A handle costs about 150 bytes of the daemon's memory.
constexpr std::uint64_t kHandlesOfAClient = 256 * 1024;
constexpr std::uint64_t kHandlesOfAUser = 1024 * 1024;

}  // namespace

SharedMeans SharedMeans::here() {
    rlimit files{};
    (void)::getrlimit(RLIMIT_NOFILE, &files);
    return {.memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                            static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE)),
            .descriptors = files.rlim_cur};
}

Limits limits_with_defaults(const LimitSettings& settings, const SharedMeans& means) {
    Limits defaults = kNoLimits;
    defaults[static_cast<std::size_t>(Scope::kClient)] = {means.memory_bytes / 2, means.descriptors / 2,
                                                          kHandlesOfAClient};
    defaults[static_cast<std::size_t>(Scope::kUid)] = {means.memory_bytes / 4 * 3, means.descriptors / 4 * 3,
                                                       kHandlesOfAUser};
    return limits_of(settings, defaults);
}

}  // namespace ion
