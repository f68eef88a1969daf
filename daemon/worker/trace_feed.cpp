// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/trace_feed.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/base/fd_message.h"
#include "heaps/trace/trace.h"

namespace ion {
namespace {

/// Room for some thousands of lines while a recorder does something else.
constexpr int kQueueBytes = 4 << 20;

std::string client_of(const BufferCreated& made) {
    const std::string_view comm(made.comm.data(), made.comm.size());
    return std::string(comm.substr(0, comm.find('\0'))) + "-" + std::to_string(made.pid);
}

}  // namespace

void TraceFeed::begin(int socket) {
    ::setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &kQueueBytes,
                 sizeof(kQueueBytes));  // needs CAP_NET_ADMIN
    Recorder& recorder = recorders_.insert_or_assign(socket, Recorder{clock_(), 0}).first->second;
    std::vector<const BufferCreated*> live;
    for (const auto& [id, buffer] : device_->state().buffers()) {
        live.push_back(&buffer.made);
    }
    std::ranges::sort(live, {}, [](const BufferCreated* made) { return made->buffer; });
    for (const BufferCreated* made : live) {
        send(socket, recorder, 0, line_of(*made, 0));
    }
}

Result<void> TraceFeed::append(std::span<const Record> records) {
    auto appended = log_.append(records);
    if (!appended || recorders_.empty()) {
        return appended;
    }
    const std::uint64_t now = clock_();
    for (auto& [socket, recorder] : recorders_) {
        const std::uint64_t time_ns = now - recorder.begun_ns;
        for (const Record& record : records) {
            if (const auto* made = std::get_if<BufferCreated>(&record)) {
                send(socket, recorder, time_ns, line_of(*made, time_ns));
            } else if (const auto* released = std::get_if<BufferReleased>(&record)) {
                send(socket, recorder, time_ns, line_of(*released, time_ns));
            }
        }
    }
    return appended;
}

std::string TraceFeed::line_of(const BufferCreated& made, std::uint64_t time_ns) const {
    const RegisteredHeap* heap = device_->heaps().find(made.heap);
    return trace_line({.time_ns = time_ns,
                       .client = client_of(made),
                       .op = TraceOp::kAlloc,
                       .id = made.buffer.value,
                       .size = made.size,
                       .align = made.align,
                       .heap = heap == nullptr ? std::string() : heap->name,
                       .flags = made.flags});
}

/// The state still knows the buffer: the record is durable, but not yet applied.
std::string TraceFeed::line_of(const BufferReleased& released, std::uint64_t time_ns) const {
    const Buffer* buffer = device_->state().buffer(released.buffer);
    return trace_line({.time_ns = time_ns,
                       .client = buffer == nullptr ? std::string() : client_of(buffer->made),
                       .op = TraceOp::kFree,
                       .id = released.buffer.value,
                       .heap = {}});
}

void TraceFeed::send(int socket, Recorder& recorder, std::uint64_t time_ns, std::string line) {
    if (recorder.lost != 0) {
        line = lost_line(time_ns, recorder.lost) + "\n" + line;
    }
    line += "\n";
    recorder.lost = send_message(socket, std::as_bytes(std::span(line))) ? 0 : recorder.lost + 1;
}

}  // namespace ion
