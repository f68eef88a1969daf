// SPDX-License-Identifier: Apache-2.0

#include "daemon/transport/fuse_session.h"

#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>
#include <linux/fuse.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <thread>

#include "daemon/base/log.h"
#include "daemon/transport/reply.h"

namespace ion {

namespace {

/// Requests per loop turn, so that timers and other sessions get their turn under a flood.
constexpr int kRequestsPerTurn = 32;

/// Of one owner: a call that an injector serves keeps a processor busy, and half of them are for others.
std::size_t most_in_progress(SessionId id) {
    return id == SessionId::kDevice ? std::max(1U, std::thread::hardware_concurrency() / 2) : kSlotCount;
}

/// Who asks for anything but an ioctl; no file and no process has this number.
constexpr TurnOwner kOthers = ~0ULL;

constexpr unsigned kMaxWrite = 16384;  // an ioctl may carry as many pages
static_assert(kMaxWrite + sizeof(fuse_in_header) + sizeof(fuse_write_in) <= kRequestSize);

/// A request that two workers died of is answered EIO by the third.
constexpr std::uint32_t kMaxAttempts = 2;

/// The replayed INIT carries a number that the kernel does not wait for.
constexpr std::uint64_t kReplayUnique = ~0ULL >> 8;

/// Of such a request, this much is logged: all of what any command of ION declares.
constexpr std::size_t kLoggedBytes = 512;

std::string hex_text(std::span<const std::byte> bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::byte byte : bytes) {
        text += kDigits[std::to_integer<unsigned>(byte) >> 4];
        text += kDigits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

fuse_in_header header_of(std::span<const std::byte> request) {
    fuse_in_header header{};
    std::memcpy(&header, request.data(), std::min(sizeof(header), request.size()));
    return header;
}

}  // namespace

void limit_requests(fuse_conn_info& connection) {
    connection.max_write = kMaxWrite;
}

FuseSession::FuseSession(Journal& journal, SessionId id, int fd)
    : journal_(journal), id_(id), fd_(fd), slots_(journal, id), turns_(most_in_progress(id)) {}

Result<void> FuseSession::attach(fuse_session* session) {
    session_ = session;
    const std::string path = "/dev/fd/" + std::to_string(fd_);
    if (fuse_session_mount(session_, path.c_str()) != 0) {
        return fail(EINVAL, "libfuse does not take descriptor " + std::to_string(fd_));
    }
    SessionInit& init = journal_.header().inits[static_cast<std::size_t>(id_)];
    for (const SlotIndex slot : slots_.occupied()) {
        const std::uint32_t opcode = header_of(slots_.request(slot)).opcode;
        if (opcode == FUSE_INIT || opcode == CUSE_INIT) {
            return {};  // read, never answered: resume() comes to it
        }
    }
    if (init.size == 0) {
        return {};
    }
    std::vector<std::byte> request(init.bytes.begin(), init.bytes.begin() + init.size);
    std::memcpy(request.data() + offsetof(fuse_in_header, unique), &kReplayUnique, sizeof(kReplayUnique));
    fuse_buf buffer{};
    buffer.size = request.size();
    buffer.mem = request.data();
    fuse_session_process_buf(session_, &buffer);  // its reply fails with ENOENT, as meant
    return {};
}

void FuseSession::readable() {
    // One for the usage files, whose texts take longer than calls: in between come those who wait for memory.
    const int most = id_ == SessionId::kUsage ? 1 : kRequestsPerTurn;
    for (int i = 0; i < most; ++i) {
        while (reading_ && !dead_ && read_one()) {
        }
        const auto slot = turns_.next();
        if (!slot) {
            return;
        }
        process(*slot);
    }
}

bool FuseSession::read_one() {
    const auto slot = slots_.next_free();
    if (!slot) {
        return false;  // the kernel keeps the rest until an answer frees a slot
    }
    const auto room = slots_.room(*slot);
    const ssize_t size = ::read(fd_, room.data(), room.size());
    if (size < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ENOENT) {
            if (errno != ENODEV) {
                ION_ERROR("transport", "cannot read requests: {}", std::strerror(errno));
            }
            dead_ = true;
        }
        return errno == ENOENT;  // an aborted request; there may be another
    }
    slots_.taken(*slot);
    if (waits_for_turn(*slot)) {
        turns_.add(owner_of(*slot), *slot);
    } else {
        process(*slot);
    }
    return true;
}

/// What is about the connection or another request does not wait behind requests.
bool FuseSession::waits_for_turn(SlotIndex slot) {
    const std::uint32_t opcode = header_of(slots_.request(slot)).opcode;
    return opcode != FUSE_INIT && opcode != CUSE_INIT && opcode != FUSE_INTERRUPT;
}

TurnOwner FuseSession::owner_of(SlotIndex slot) {
    const auto request = slots_.request(slot);
    fuse_ioctl_in body{};
    if (header_of(request).opcode != FUSE_IOCTL || request.size() < sizeof(fuse_in_header) + sizeof(body)) {
        return kOthers;
    }
    std::memcpy(&body, request.data() + sizeof(fuse_in_header), sizeof(body));
    return owner_of_file_(body.fh);
}

void FuseSession::process(SlotIndex slot) {
    journal_.header().current_slot.store(slot + 1);
    current_ = slot;
    kept_ = false;
    if (!handle_here(slot)) {
        const auto request = slots_.request(slot);
        fuse_buf buffer{};
        buffer.size = request.size();
        buffer.mem = request.data();
        fuse_session_process_buf(session_, &buffer);
    }
    if (!kept_) {
        release(slot);
    }
    journal_.header().current_slot.store(0);
}

bool FuseSession::handle_here(SlotIndex slot) {
    const auto request = slots_.request(slot);
    switch (header_of(request).opcode) {
        case FUSE_INIT:
        case CUSE_INIT:
            note_init(request);
            return false;
        case FUSE_INTERRUPT:
            answer_interrupt(slot);
            return true;
        default:
            return false;
    }
}

void FuseSession::note_init(std::span<const std::byte> request) {
    SessionInit& init = journal_.header().inits[static_cast<std::size_t>(id_)];
    const std::size_t size = std::min(request.size(), init.bytes.size());
    std::memcpy(init.bytes.data(), request.data(), size);
    std::atomic_ref(init.size).store(static_cast<std::uint32_t>(size));
}

void FuseSession::answer_interrupt(SlotIndex slot) {
    const auto request = slots_.request(slot);
    fuse_interrupt_in body{};
    if (request.size() < sizeof(fuse_in_header) + sizeof(body)) {
        return;
    }
    std::memcpy(&body, request.data() + sizeof(fuse_in_header), sizeof(body));
    for (const SlotIndex other : slots_.occupied()) {
        if (other != slot && unique_of(other) == body.unique) {
            interrupted_(other);
            return;  // in progress: every call is short, or made so by that; its own answer comes
        }
    }
    // Answered already (then this fails harmlessly), or lost by a former worker: free its caller.
    write_out(error_reply(body.unique, EINTR));
}

void FuseSession::resume(const std::function<bool(SlotIndex)>& resume) {
    for (const SlotIndex slot : slots_.occupied()) {
        if (resume(slot)) {
            continue;
        }
        if (slots_.raw(slot).attempts >= kMaxAttempts) {
            const auto request = slots_.request(slot);
            ION_ERROR("transport",
                      "a request of thread {} ended two workers and is answered EIO: opcode {}, {} bytes: {}",
                      header_of(request).pid, header_of(request).opcode, request.size(),
                      hex_text(request.first(std::min(request.size(), kLoggedBytes))));
            send(slot, error_reply(unique_of(slot), EIO));
            continue;
        }
        process(slot);
    }
}

SlotIndex FuseSession::keep_current() {
    kept_ = true;
    return current_;
}

std::uint64_t FuseSession::unique_of(SlotIndex slot) {
    return header_of(slots_.request(slot)).unique;
}

void FuseSession::send(SlotIndex slot, std::span<const std::byte> answer) {
    write_out(answer);
    release(slot);
}

void FuseSession::release(SlotIndex slot) {
    turns_.finished(slot);
    slots_.release(slot);
}

void FuseSession::write_out(std::span<const std::byte> bytes) {
    if (::write(fd_, bytes.data(), bytes.size()) < 0 && errno != ENOENT) {
        ION_DEBUG("transport", "answer not taken: {}", std::strerror(errno));
    }
}

}  // namespace ion
