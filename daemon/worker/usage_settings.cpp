// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/usage_settings.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "daemon/base/log.h"

namespace ion {
namespace {

std::optional<std::uint32_t> group_id(const std::string& group) {
    std::uint32_t number = 0;
    const char* const end = group.data() + group.size();
    if (const auto parsed = std::from_chars(group.data(), end, number);
        parsed.ec == std::errc{} && parsed.ptr == end) {
        return number;
    }
    const ::group* found = ::getgrnam(group.c_str());
    return found == nullptr ? std::nullopt : std::optional<std::uint32_t>(found->gr_gid);
}

std::uint32_t mask_of(FileAccess access) {
    switch (access) {
        case FileAccess::kEverybody:
            return 0777;
        case FileAccess::kGroup:
            return 0770;
        case FileAccess::kRoot:
            return 0700;
    }
    return 0700;
}

}  // namespace

UsageSettings usage_settings(const Config& config) {
    const UsageConfig& usage = config.usage;
    const auto shows = [&](UsageLayout layout) { return std::ranges::count(usage.layouts, layout) != 0; };
    UsageSettings settings{
        // A 5.10 kernel's directories are called like the files that generation A has for heaps.
        .layouts = {.a = shows(UsageLayout::kA) && config.personality != Personality::kLinux510,
                    .b = shows(UsageLayout::kB),
                    .d = shows(UsageLayout::kD)},
        .group = ::getegid(),
        .mode_mask = mask_of(usage.access),
        .hide_others = usage.hide == Hide::kOthers,
        .growth = usage.growth};
    if (!usage.group.empty()) {
        if (const auto id = group_id(usage.group)) {
            settings.group = *id;
        } else {
            ION_ERROR("worker", "usage.group: there is no group \"{}\"", usage.group);
        }
    }
    return settings;
}

}  // namespace ion
