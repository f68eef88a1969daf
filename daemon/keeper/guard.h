// SPDX-License-Identifier: Apache-2.0
//
// Guard: a process that shares the keeper's table of descriptors and does one thing: when the keeper has ended, by whatever
// it was, the guard puts what the journal names into the box. Only where a service manager keeps the box.

#pragma once

#include <sys/types.h>

#include "daemon/journal/journal.h"

namespace ion {

/// The keeper's side of it.
class Guard {
  public:
    /// Borrows both for good. Without a guard, which is logged, buffers are lost when the keeper is killed.
    void start(Journal& journal, int in);

    /// Nothing when it was not started.
    void stop();
    void restart();

    /// A child of the keeper has ended; when it was the guard, another takes its place.
    void ended(pid_t child);

  private:
    Journal* journal_ = nullptr;
    int in_ = -1;
    pid_t pid_ = -1;
};

}  // namespace ion
