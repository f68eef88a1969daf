// SPDX-License-Identifier: Apache-2.0
//
// TraceFeed: tells recorders what is allocated and released, as lines of a trace. Never waits for one.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "daemon/core/device.h"

namespace ion {

/// Stands before the log of a Device: what it has made durable is what happened. The loop thread only; log, and the
/// device once it is given, outlive it.
class TraceFeed final : public CommitLog {
  public:
    /// Nanoseconds; never goes back.
    using Clock = std::function<std::uint64_t()>;

    TraceFeed(CommitLog& log, Clock clock) : log_(log), clock_(std::move(clock)) {}

    /// The device that commits here.
    void attach(const Device& device) { device_ = &device; }

    /// Sends lines to `socket` (SOCK_SEQPACKET, borrowed) from now on, first the allocations of the buffers that
    /// live, at time 0. What does not fit into its queue is counted, and said as soon as something fits.
    void begin(int socket);

    /// Does nothing for another one.
    void end(int socket) { recorders_.erase(socket); }

    Result<void> append(std::span<const Record> records) override;

  private:
    struct Recorder {
        std::uint64_t begun_ns = 0;
        std::uint64_t lost = 0;
    };

    [[nodiscard]] std::string line_of(const BufferCreated& made, std::uint64_t time_ns) const;
    [[nodiscard]] std::string line_of(const BufferReleased& released, std::uint64_t time_ns) const;
    static void send(int socket, Recorder& recorder, std::uint64_t time_ns, std::string line);

    CommitLog& log_;
    Clock clock_;
    const Device* device_ = nullptr;
    std::map<int, Recorder> recorders_;  // by socket
};

}  // namespace ion
