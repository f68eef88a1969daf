// SPDX-License-Identifier: Apache-2.0
//
// Limits and access: who may take memory of the heaps, and how much.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/core/ids.h"

namespace ion {

/// What somebody holds, or may hold at most.
struct Amounts {
    std::uint64_t bytes = 0;
    std::uint64_t buffers = 0;
    std::uint64_t handles = 0;

    friend bool operator==(const Amounts&, const Amounts&) = default;
};

inline constexpr std::uint64_t kUnlimited = UINT64_MAX;
inline constexpr Amounts kNoLimit{kUnlimited, kUnlimited, kUnlimited};

/// Whose amounts are summed: of one open file of the device, of a user, of a control group, of everybody.
enum class Scope : std::uint8_t { kClient, kUid, kCgroup, kTotal };
inline constexpr std::size_t kScopes = 4;

/// The most of each scope, by Scope.
using Limits = std::array<Amounts, kScopes>;
inline constexpr Limits kNoLimits{kNoLimit, kNoLimit, kNoLimit, kNoLimit};

/// Who may allocate. The digits of `mode` are those of a file: a caller is of the class "owner" when its user is one
/// of `uids`, else "group" when one of its groups is one of `gids`, else "other"; the write bit of its class lets it.
struct Access {
    std::vector<std::uint32_t> uids{};
    std::vector<std::uint32_t> gids{};
    std::uint32_t mode = 0222;

    friend bool operator==(const Access&, const Access&) = default;
};

/// A user and its groups, as they were when it opened the device.
struct Credentials {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::span<const std::uint32_t> gids;  ///< supplementary ones, borrowed
};

[[nodiscard]] bool may_allocate(const Access& access, const Credentials& who);

/// What a heap is ruled by beside its own size.
struct HeapRules {
    Access access{};
    Limits limits = kNoLimits;  ///< of this heap alone

    friend bool operator==(const HeapRules&, const HeapRules&) = default;
};

/// Who is charged for a buffer until it is released, whoever has it by then: the client that allocated it. Handles
/// are charged to the client that has them.
struct Payer {
    ClientId client;
    std::uint32_t uid = 0;
    std::string_view cgroup;  ///< borrowed; empty when unknown: then no control group is charged
};

}  // namespace ion
