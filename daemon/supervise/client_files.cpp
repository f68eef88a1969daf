// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/client_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace ion {

Result<UniqueFd> ClientFiles::create(ClientId client) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail(ENOMEM, "pipe");  // not EMFILE: the program's table is not the one that is full
    }
    Open open{UniqueFd(ends[0]), {}, {}};
    UniqueFd theirs(ends[1]);
    const auto file = file_id_of(open.end.get());
    if (!file || ::fcntl(open.end.get(), F_SETFL, O_NONBLOCK) != 0) {
        return fail(ENOMEM, "pipe");
    }
    open.file = *file;
    open.watch = loop_.on_readable(open.end.get(), [this, client] { readable(client); });
    {
        const std::scoped_lock lock(mutex_);
        by_file_[*file] = client;
    }
    open_[client] = std::move(open);
    return theirs;
}

std::optional<ClientId> ClientFiles::find(FileId file) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_file_.find(file);
    return found == by_file_.end() ? std::nullopt : std::optional(found->second);
}

void ClientFiles::readable(ClientId client) {
    const auto found = open_.find(client);
    std::array<char, 4096> room;  // what the program writes to the device is nobody's
    if (found == open_.end() || ::read(found->second.end.get(), room.data(), room.size()) != 0) {
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        by_file_.erase(found->second.file);
    }
    open_.erase(found);
    closed_(client);
}

}  // namespace ion
