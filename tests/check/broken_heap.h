// SPDX-License-Identifier: Apache-2.0
//
// Heaps that break one promise each, for tests of the checks.

#pragma once

#include "heaps/check/subject.h"

namespace ion {

enum class Fault : std::uint8_t {
    kNone,
    kOverlapping,     ///< some buffers begin in the middle of another one
    kOutside,         ///< the last pages lie beyond the region
    kNotZeroing,      ///< memory of a former owner is handed out as it is
    kShared,          ///< two buffers have the same memory
    kUnaligned,       ///< the alignment asked for is ignored
    kLeaking,         ///< every fourth buffer's place is never given back
    kMiscounting,     ///< usage() forgets a page
    kRestoringWrong,  ///< restored buffers lie somewhere else
    kAcceptingTaken,  ///< a place that is taken is given a second time after a restart
    kWrongErrno,      ///< a size of 0 is ENOSPC
    kKeepingFds,      ///< descriptors are left open
    kSharingState,    ///< heaps of one type have one allocator
    kCrashing,
    kHanging,
    kThrowing
};

/// A type whose heaps are right but for one thing.
[[nodiscard]] check::Subject subject_with(Fault fault);

}  // namespace ion
