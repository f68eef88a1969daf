// SPDX-License-Identifier: Apache-2.0
//
// Box: descriptors in the queue of a socket pair. With both ends in the service manager's store they outlive all
// processes of the service, however many they are: the store itself holds a handful.

#pragma once

#include <span>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

struct BoxEnds {
    UniqueFd in;
    UniqueFd out;
};

/// An empty one, with room for a million descriptors where this process has CAP_NET_ADMIN, for some 20,000 where not.
/// Errors: those of socketpair.
Result<BoxEnds> make_box();

/// Puts copies of `fds` in, to be taken out under the same numbers. Returns how many are in it: fewer than given when one
/// is not open or the queue is full.
std::size_t put_into_box(int in, std::span<const int> fds);

/// What came of a box.
struct Unpacked {
    std::size_t placed = 0;  ///< open under their numbers
    std::size_t lost = 0;    ///< no room in the table, or no such number wanted
};

/// Empties the box. Every number from 3 up to `end` may be taken: whatever is open there is closed. Numbers from `end` on are
/// used for a moment. Each descriptor is in the box until it is open under its number, so it does not matter when this process is
/// killed.
Unpacked take_from_box(int out, int end);

}  // namespace ion
