// SPDX-License-Identifier: Apache-2.0
//
// Channels: socket pairs through which the client library gets its descriptors.

#pragma once

#include <map>

#include "daemon/core/device.h"
#include "daemon/loop/event_loop.h"

namespace ion {

/// What a channel message says; the descriptor is attached. Matches the token in the ioctl's struct.
struct ChannelMessage {
    std::uint64_t token = 0;
};

/// The loop thread only; device and loop outlive it.
class Channels {
  public:
    Channels(Device& device, EventLoop& loop) : device_(device), loop_(loop) {}

    /// Start of a worker: watches the channels that the journal names.
    void resume();

    /// Takes over `fd` for process `pid` of the client, instead of a former one. Errors: EINVAL when it is not a
    /// socket that keeps message boundaries; ENOMEM.
    Result<void> open(ClientId client, std::int32_t pid, UniqueFd fd);

    /// The channel that serves thread `tid` of the client, -1 when its process has none.
    [[nodiscard]] int find(ClientId client, std::int32_t tid) const;

    /// Sends a buffer's descriptor, and gives the copy that is left: to be closed when the client has its answer, and
    /// before anybody looks at the buffer. Errors: those of the export; EAGAIN when the client does not read; EPIPE,
    /// or ECONNRESET if something was left unread, when it has closed its end.
    Result<UniqueFd> send(int channel, BufferId buffer, std::uint64_t token);

    /// Closes all channels of a client that is being closed; after its ClientClosed record.
    void forget(ClientId client);

  private:
    using Key = std::pair<ClientId, std::int32_t>;
    void watch(Key key, int fd);
    void readable(Key key, int fd);

    Device& device_;
    EventLoop& loop_;
    struct Live {
        UniqueFd fd;
        Watch watch;
    };
    std::map<Key, Live> live_;
};

}  // namespace ion
