// SPDX-License-Identifier: Apache-2.0
//
// ClientFiles: the files that stand for open clients in the program.
//
// Each is the writing end of a pipe. The kernel keeps it through dup, fork, exec and SCM_RIGHTS as it keeps any open
// file, and tells the end of the last reference, whatever caused it, by an end of file at the reading end. ioctls
// that nobody catches answer ENOTTY on it.

#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "daemon/base/file_id.h"
#include "daemon/base/unique_fd.h"
#include "daemon/core/ids.h"
#include "daemon/loop/event_loop.h"

namespace ion {

class ClientFiles {
  public:
    /// `closed` is called, on the loop, after a client's last close. The loop outlives this.
    ClientFiles(EventLoop& loop, std::function<void(ClientId)> closed)
        : loop_(loop), closed_(std::move(closed)) {}

    /// The file of a new client. Keep no copy after it was handed over. Errors: ENOMEM when there is no descriptor
    /// left. The loop thread only.
    [[nodiscard]] Result<UniqueFd> create(ClientId client);

    /// The client for which a file stands; nothing for any other file. Any thread.
    [[nodiscard]] std::optional<ClientId> find(FileId file) const;

  private:
    struct Open {
        UniqueFd end;
        FileId file;
        Watch watch;
    };

    void readable(ClientId client);

    EventLoop& loop_;
    std::function<void(ClientId)> closed_;
    std::map<ClientId, Open> open_;
    mutable std::mutex mutex_;
    std::unordered_map<FileId, ClientId> by_file_;  // guarded by mutex_
};

}  // namespace ion
