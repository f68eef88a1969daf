// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/channels.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "daemon/base/fd_message.h"

namespace ion {

namespace {

bool is_seqpacket(int fd) {
    int type = 0;
    socklen_t size = sizeof(type);
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/// Is `tid` a thread of process `pid`? Signal 0 to a thread of a group finds out in one call; without the right
/// to signal it the answer is EPERM, which still means yes.
bool thread_of(std::int32_t tid, std::int32_t pid) {
    return ::syscall(SYS_tgkill, pid, tid, 0) == 0 || errno == EPERM;
}

}  // namespace

void Channels::resume() {
    for (const auto& [key, channel] : device_.state().channels()) {
        watch(key, channel.fd);
    }
}

Result<void> Channels::open(ClientId client, std::int32_t pid, UniqueFd fd) {
    if (!is_seqpacket(fd.get())) {
        return fail(EINVAL, "a channel must be a SOCK_SEQPACKET socket");
    }
    auto file = file_id_of(fd.get());
    if (!file) {
        return file.error();
    }
    Transaction tx;
    tx.records.emplace_back(ChannelOpened{client, pid, fd.get(), *file});
    if (auto committed = device_.commit(std::move(tx)); !committed) {
        return committed;
    }
    watch({client, pid}, fd.release());
    return {};
}

void Channels::watch(Key key, int fd) {
    Live& live = live_[key];
    live.watch = {};
    live.fd.reset(fd);  // closes a former one: its record has been replaced
    live.watch = loop_.on_readable(fd, [this, key, fd] { readable(key, fd); });
}

void Channels::readable(Key key, int fd) {
    // Clients have nothing to say on it: a message is as good as the end, and must not be waited for again.
    char byte = 0;
    if (::recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    Transaction tx;
    tx.records.emplace_back(ChannelClosed{key.first, key.second});
    (void)device_.commit(std::move(tx));
    live_.erase(key);
}

int Channels::find(ClientId client, std::int32_t tid) const {
    for (auto one = live_.lower_bound({client, INT32_MIN}); one != live_.end() && one->first.first == client;
         ++one) {
        if (thread_of(tid, one->first.second)) {
            return one->second.fd.get();
        }
    }
    return -1;
}

Result<UniqueFd> Channels::send(int channel, BufferId buffer, std::uint64_t token) {
    auto exported = device_.open_export(buffer);
    if (!exported) {
        return exported.error();
    }
    const ChannelMessage message{token};
    if (auto sent = send_message(channel, std::as_bytes(std::span(&message, 1)), exported->get()); !sent) {
        return sent.error();
    }
    return exported;
}

void Channels::forget(ClientId client) {
    live_.erase(live_.lower_bound({client, INT32_MIN}),
                live_.lower_bound({ClientId{client.value + 1}, INT32_MIN}));
}

}  // namespace ion
