// SPDX-License-Identifier: Apache-2.0
//
// What a daemon takes of the machine, and a client that fills it: buffers named by handle, so that the client itself
// needs one descriptor, whatever their number.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "tests/node/daemon_fixture.h"

namespace ion::test {

/// Bytes of memory; the buffers' own pages are in none of them.
struct DaemonMemory {
    std::uint64_t resident = 0;  ///< of the worker: everything, libraries that others map too included
    std::uint64_t heap = 0;      ///< of the worker: anonymous memory, which is what grows
    std::uint64_t journal = 0;   ///< pages of the journal's memfd, mapped or not
};

[[nodiscard]] DaemonMemory memory_of(const Daemon& daemon);

/// Lets keeper and worker have `more` descriptors than they have now.
void limit_descriptors(const Daemon& daemon, std::size_t more);

/// The daemon's own limit.
[[nodiscard]] std::size_t descriptor_limit(const Daemon& daemon);

/// An open device whose buffers are of one page, from heap 0.
class Hoarder {
  public:
    explicit Hoarder(const Daemon& daemon);

    /// Allocates up to `count` buffers. The errno that ended it early, or 0.
    int allocate(std::size_t count);

    /// Frees the last `count` buffers.
    void free(std::size_t count);

    /// Shares the last buffer and closes that descriptor: 0, or the errno, of which the struct must tell too.
    [[nodiscard]] int share() const;

    /// Closes the device, and with it all buffers.
    void close() { device_.reset(); }

    [[nodiscard]] std::size_t count() const { return handles_.size(); }

  private:
    UniqueFd device_;
    std::vector<std::uint64_t> handles_;
};

/// From here on client and daemon take turns on one processor. In an emulated machine on a busy host, waking another
/// one takes milliseconds, twice for each buffer. Before the daemon is started.
void share_one_processor();

/// Reason to leave a test of bytes out, or null: sanitizers keep memory of their own.
[[nodiscard]] const char* bytes_mean_nothing();

}  // namespace ion::test
