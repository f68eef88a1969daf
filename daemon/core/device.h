// SPDX-License-Identifier: Apache-2.0
//
// Device: the door to the model. Operations check a request against the state and stage their changes in a
// Transaction; commit() makes them durable and only then true.

#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "daemon/core/allocation_request.h"
#include "daemon/core/heap_set.h"
#include "daemon/core/snapshot.h"
#include "daemon/core/state.h"

namespace ion {

/// Where committed records go; the journal in the daemon, a vector in tests.
class CommitLog {
  public:
    CommitLog() = default;
    CommitLog(const CommitLog&) = delete;
    CommitLog& operator=(const CommitLog&) = delete;
    virtual ~CommitLog() = default;

    /// Makes all records durable or none. Errors: ENOMEM when there is no room.
    virtual Result<void> append(std::span<const Record> records) = 0;
};

/// The changes of one request, not yet true. Dropping it undoes what it allocated.
struct Transaction {
    std::vector<Record> records;
    std::vector<std::unique_ptr<Backing>> backings;  ///< of the BufferCreated records, in their order
};

/// Who opens the device.
struct Opener {
    std::int32_t pid = 0;  ///< tgid, 0 when unknown
    Comm comm{};           ///< of the group leader
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t open_flags = 0;
};

/// The loop thread only. Heaps and log outlive it.
class Device {
  public:
    Device(const HeapSet& heaps, CommitLog& log) : heaps_(heaps), log_(log) {}

    ClientId open_client(Transaction& tx, const Opener& opener) const;

    /// Errors: EBADF for an unknown client.
    Result<void> close_client(Transaction& tx, ClientId client) const;

    /// Errors: EINVAL for a bad length, ENODEV when no heap of the mask may be tried, else the last heap's.
    Result<BufferId> allocate(Transaction& tx, ClientId client, const AllocationRequest& request) const;

    /// Stages a handle for a buffer staged or present; the client has none for it yet.
    HandleId add_handle(Transaction& tx, ClientId client, BufferId buffer) const;

    /// Errors: EINVAL when the handle is not this client's.
    Result<void> free(Transaction& tx, ClientId client, std::uint64_t handle) const;
    Result<BufferId> lookup(ClientId client, std::uint64_t handle) const;

    /// The client's handle for the buffer behind a descriptor, one reference more.
    /// Errors: EINVAL when it is not one of ours; EOVERFLOW when its count is at its limit.
    Result<HandleId> import(Transaction& tx, ClientId client, FileId file) const;

    /// Makes the transaction durable, then true. Errors: ENOMEM; then nothing has changed.
    Result<void> commit(Transaction tx);

    /// Finds out whether anybody outside has the buffer open or mapped, and tells its heap when the last has gone.
    void look(BufferId buffer);

    /// Releases the buffer when nobody has it any more; true when it is gone.
    bool release_if_idle(BufferId buffer);

    /// A descriptor for a client; close it as soon as it is sent. Errors: what the heap answers when it may not
    /// be mapped now (EAGAIN); ENOMEM.
    [[nodiscard]] Result<UniqueFd> open_export(BufferId buffer);

    /// Null for an unknown buffer.
    [[nodiscard]] const Backing* backing(BufferId buffer) const;

    /// Start of a worker: applies one record of the journal.
    [[nodiscard]] bool replay(const Record& record) { return state_.apply(record); }

    /// After the replay: gives every buffer its memory back; `take` opens its recorded descriptor. What cannot
    /// be restored is dropped with its handles, and named in the result.
    std::vector<std::string> restore(const std::function<Result<UniqueFd>(const BufferCreated&)>& take);

    [[nodiscard]] const State& state() const { return state_; }
    [[nodiscard]] const HeapSet& heaps() const { return heaps_; }
    [[nodiscard]] std::vector<BufferId> take_unreferenced() { return state_.take_unreferenced(); }
    [[nodiscard]] Snapshot snapshot() const;

  private:
    struct Live {
        std::unique_ptr<Backing> backing;
        Heap* heap = nullptr;  // whose `backing` is
        bool outside = false;  // what the last look found
        bool mapped = false;   // Heap::map_user() has been allowed and not undone
    };

    Result<std::unique_ptr<Backing>> restore_one(const BufferCreated& made, UniqueFd memory);
    static void unmap_user(Live& live);
    void drop(BufferId buffer);
    void add_clients(Snapshot& snapshot) const;
    void add_buffers(Snapshot& snapshot) const;

    const HeapSet& heaps_;
    CommitLog& log_;
    State state_;
    std::unordered_map<BufferId, Live> live_;
};

}  // namespace ion
