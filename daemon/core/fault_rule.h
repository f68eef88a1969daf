// SPDX-License-Identifier: Apache-2.0
//
// FaultRule: which calls of which clients are to fail or to wait, so that programs can be tried with errors that
// otherwise seldom come.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/ids.h"

namespace ion {

/// What a rule is about. MAP counts as SHARE, cache maintenance as SYNC; commands that have no name here are of kAny.
enum class FaultCommand : std::uint8_t { kAny, kAlloc, kFree, kShare, kImport, kSync, kCustom, kQuery };

/// In the order of enum FaultCommand.
inline constexpr std::array<std::string_view, 8> kFaultCommandNames{"any",    "alloc", "free",   "share",
                                                                    "import", "sync",  "custom", "query"};

struct FaultRule {
    std::string name;  ///< unique
    FaultCommand command = FaultCommand::kAny;
    std::string heap;  ///< with kAlloc: that heap fails, others of the mask are tried. Empty: the call fails
    std::string client;       ///< pattern of a shell for the process's name, pid or client; empty: everybody
    std::uint64_t every = 1;  ///< hits each call whose number is a multiple; at least 1
    double probability = 1;   ///< of those, so many; in (0, 1]
    std::uint64_t seed = 0;   ///< decides which, together with the call's number
    std::uint64_t count = 0;  ///< most hits; 0: no end
    int error = 0;            ///< a positive errno; 0: the call is only late
    std::uint32_t delay_ms = 0;

    friend bool operator==(const FaultRule&, const FaultRule&) = default;
};

/// What a rule has seen.
struct FaultCount {
    std::uint64_t calls = 0;  ///< that it is about
    std::uint64_t hits = 0;
    friend bool operator==(const FaultCount&, const FaultCount&) = default;
};

/// A rule and what it has seen.
struct FaultFigures {
    FaultRule rule;
    FaultCount count;
};

/// What is to fail.
struct Fault {
    static constexpr HeapId kWholeCall{UINT32_MAX};

    std::string rule;  ///< its name
    int error = 0;
    HeapId heap = kWholeCall;
};

/// Who makes a call.
struct FaultCaller {
    std::string comm;
    std::string pid;   ///< decimal
    std::string name;  ///< as in the usage tree, "<pid>-<serial>"
};

/// The rule is about calls of this kind by this client. Heaps are not looked at.
[[nodiscard]] bool is_about(const FaultRule& rule, FaultCommand command, const FaultCaller& caller);

/// The rule hits the next call, after those that it has seen. The same rule and count always give the same answer.
[[nodiscard]] bool hits_next(const FaultRule& rule, const FaultCount& before);

}  // namespace ion
