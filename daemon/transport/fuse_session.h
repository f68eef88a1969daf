// SPDX-License-Identifier: Apache-2.0
//
// FuseSession: reads requests of one kernel connection into journal slots and hands them to libfuse; writes
// answers. Works on a descriptor that somebody else opened (keeper) and an earlier worker may have served.

#pragma once

#include <functional>
#include <span>
#include <utility>

#include "daemon/base/result.h"
#include "daemon/journal/request_slots.h"
#include "daemon/transport/turn_queue.h"

struct fuse_conn_info;
struct fuse_session;

namespace ion {

/// For the library's init callbacks: no request may be larger than a journal slot. The kernel refuses to be read
/// with a smaller buffer than it has agreed on.
void limit_requests(fuse_conn_info& connection);

/// The loop thread only. Never destroyed in a worker that ends: libfuse would close the shared descriptor.
class FuseSession {
  public:
    /// `session` was made by fuse_session_new() or cuse_lowlevel_new(); `fd` is borrowed and non-blocking.
    FuseSession(Journal& journal, SessionId id, int fd);
    FuseSession(const FuseSession&) = delete;
    FuseSession& operator=(const FuseSession&) = delete;

    /// Binds the library's session to the descriptor and, after an earlier worker, feeds it INIT again.
    Result<void> attach(fuse_session* session);

    /// Reads what is there, and processes a bounded number of requests: those whose turn it is.
    void readable();

    /// From here on readable() only processes what has been read.
    void stop_reading() { reading_ = false; }

    /// Requests have been read and can be processed, though nothing may be readable: readable() is to be called again.
    [[nodiscard]] bool has_turns() const { return turns_.ready(); }

    /// All requests that were read have been processed, or are being.
    [[nodiscard]] bool caught_up() const { return turns_.empty(); }

    /// Says whose requests those of an open file are: requests of one owner take turns with those of others. By default
    /// every file is an owner.
    void set_owners(std::function<TurnOwner(std::uint64_t file)> owner_of_file) {
        owner_of_file_ = std::move(owner_of_file);
    }

    /// The request in this slot waits for nothing that others need: its owner may have another one served.
    void gives_way(SlotIndex slot) { turns_.finished(slot); }

    /// Processes again, or answers, what a former worker left. `resume` is asked first: true when it took care
    /// of the slot (a delivery in progress).
    void resume(const std::function<bool(SlotIndex)>& resume);

    /// Has the request in a slot handled, from its beginning.
    void process(SlotIndex slot);

    /// Calls `tell` for the slot of each request whose caller has got a signal while it waits for the answer.
    void on_interrupt(std::function<void(SlotIndex)> tell) { interrupted_ = std::move(tell); }

    /// For use in the library's callbacks: the slot of the request being processed, which the handler then
    /// finishes by send(); else it is free again when the callback returns.
    [[nodiscard]] SlotIndex keep_current();

    /// The request's number for the kernel.
    [[nodiscard]] std::uint64_t unique_of(SlotIndex slot);

    /// Frees the slot of a request that somebody else has answered.
    void release(SlotIndex slot);

    /// Writes an answer and frees the slot. An answer that nobody waits for any more is dropped.
    void send(SlotIndex slot, std::span<const std::byte> answer);

    [[nodiscard]] RequestSlots& slots() { return slots_; }
    [[nodiscard]] int fd() const { return fd_; }

    /// No slot is free: reading must wait for an answer.
    [[nodiscard]] bool full() const { return !slots_.next_free().has_value(); }

    /// The kernel ended the connection (unmounted, aborted).
    [[nodiscard]] bool dead() const { return dead_; }

  private:
    bool read_one();
    [[nodiscard]] bool waits_for_turn(SlotIndex slot);
    [[nodiscard]] TurnOwner owner_of(SlotIndex slot);
    bool handle_here(SlotIndex slot);
    void note_init(std::span<const std::byte> request);
    void answer_interrupt(SlotIndex slot);
    void write_out(std::span<const std::byte> bytes);

    Journal& journal_;
    SessionId id_;
    int fd_;
    RequestSlots slots_;
    TurnQueue turns_;
    std::function<TurnOwner(std::uint64_t)> owner_of_file_ = [](std::uint64_t file) { return file; };
    std::function<void(SlotIndex)> interrupted_ = [](SlotIndex) {};
    fuse_session* session_ = nullptr;
    SlotIndex current_ = 0;
    bool kept_ = false;
    bool dead_ = false;
    bool reading_ = true;
};

}  // namespace ion
