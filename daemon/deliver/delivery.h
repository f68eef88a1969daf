// SPDX-License-Identifier: Apache-2.0
//
// deliver: answers a client's ioctl and puts a descriptor into its table before it is back in user mode
// (kDeliver).

#pragma once

#include <cstddef>
#include <span>

#include "daemon/base/unique_fd.h"
#include "daemon/deliver/injector.h"
#include "daemon/deliver/job.h"

namespace ion {

struct Delivery {
    JobResult result;
    /// The thread could not be let go; only the end of this process does that, and costs the client nothing.
    /// Send the result and exit.
    bool attached = false;
};

/// Does `job`. `reply` is the FUSE reply with the job's pending result, `descriptor` the one to hand over. It is
/// closed before the client goes on: when the client lets go of the buffer, nobody has it.
Delivery deliver(const Job& job, std::span<const std::byte> reply, UniqueFd descriptor,
                 const InjectorSetup& setup);

}  // namespace ion
