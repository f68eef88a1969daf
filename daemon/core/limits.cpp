// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/limits.h"

#include <algorithm>

namespace ion {

bool may_allocate(const Access& access, const Credentials& who) {
    constexpr std::uint32_t kWriteOwner = 0200;
    constexpr std::uint32_t kWriteGroup = 0020;
    constexpr std::uint32_t kWriteOther = 0002;
    const auto is_in = [](const std::vector<std::uint32_t>& list) {
        return [&list](std::uint32_t id) { return std::ranges::find(list, id) != list.end(); };
    };
    if (is_in(access.uids)(who.uid)) {
        return (access.mode & kWriteOwner) != 0;
    }
    if (is_in(access.gids)(who.gid) || std::ranges::any_of(who.gids, is_in(access.gids))) {
        return (access.mode & kWriteGroup) != 0;
    }
    return (access.mode & kWriteOther) != 0;
}

}  // namespace ion
