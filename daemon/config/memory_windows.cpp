// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/memory_windows.h"

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

constexpr MemoryWindows kDefaults{{
    {.base = 0x80000000, .size = std::uint64_t{2} << 30},
    {.base = 0x38000000, .size = std::uint64_t{64} << 20},
}};

void override_by(const std::optional<Setting<std::uint64_t>>& setting, std::uint64_t& value,
                 std::string& where) {
    if (setting) {
        value = setting->value;
        where = setting->where;
    }
}

}  // namespace

Result<MemoryWindows> memory_windows(std::span<const Document> documents) {
    MemoryWindows windows = kDefaults;
    for (std::size_t i = 0; i < kMemoryTypes; ++i) {
        const std::string key = "memory." + std::string(kMemoryTypeNames[i]);
        std::string where;
        for (const Document& document : documents) {
            override_by(document.memory[i].base, windows[i].base, where);
            override_by(document.memory[i].size, windows[i].size, where);
        }
        if (!checked_add(windows[i].base, windows[i].size)) {
            return fail(EINVAL, where + ": " + key + ": base + size is more than 64 bits can address");
        }
    }
    return windows;
}

}  // namespace ion
