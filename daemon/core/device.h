// SPDX-License-Identifier: Apache-2.0
//
// Device: the door to the model. Operations check a request against the state and stage their changes in a
// Transaction; commit() makes them durable and only then true.

#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
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
    std::int64_t unix_ms = 0;                        ///< when the request came; 0 when unknown
    bool answers = false;  ///< commits the answer staged with it, with or without records
};

/// Who opens the device.
struct Opener {
    std::int32_t pid = 0;  ///< tgid, 0 when unknown
    Comm comm{};           ///< of the group leader
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t open_flags = 0;
    std::string cgroup{};               ///< empty when unknown
    std::vector<std::uint32_t> gids{};  ///< supplementary groups
};

/// A part of a device's address space.
struct IommuSpace {
    std::uint32_t domain = 0;
    std::uint32_t partition = 0;
    friend auto operator<=>(const IommuSpace&, const IommuSpace&) = default;
};

/// A buffer in such a space.
struct DeviceMapping {
    IommuMapping mapping;
    std::uint32_t flags = 0;    ///< as the driver gave them
    std::uint64_t address = 0;  ///< in the space
    std::uint32_t count = 0;
};

/// The loop thread only. Heaps and log outlive it.
class Device {
  public:
    Device(const HeapSet& heaps, CommitLog& log) : heaps_(heaps), log_(log) {}

    ClientId open_client(Transaction& tx, const Opener& opener) const;

    /// Errors: EBADF for an unknown client.
    Result<void> close_client(Transaction& tx, ClientId client) const;

    /// Over all heaps, for what is allocated from here on.
    void set_limits(const Limits& limits) { limits_ = limits; }

    /// Errors: EINVAL for a bad length; ENOMEM above a limit; ENODEV when no heap of the mask may be tried; else the
    /// last heap's, EACCES where the client may not allocate from it.
    Result<BufferId> allocate(Transaction& tx, ClientId client, const AllocationRequest& request);

    /// Stages a handle for a buffer staged or present; the client has none for it yet.
    /// Errors: ENOMEM above a limit.
    Result<HandleId> add_handle(Transaction& tx, ClientId client, BufferId buffer) const;

    /// Errors: EINVAL when the handle is not this client's.
    Result<void> free(Transaction& tx, ClientId client, std::uint64_t handle) const;
    Result<BufferId> lookup(ClientId client, std::uint64_t handle) const;

    /// The client's handle for the buffer behind a descriptor, one reference more.
    /// Errors: EINVAL when it is not one of ours; EOVERFLOW when its count is at its limit; ENOMEM above a limit.
    Result<HandleId> import(Transaction& tx, ClientId client, FileId file) const;

    /// Makes the transaction durable, then true. Errors: ENOMEM; then nothing has changed.
    Result<void> commit(Transaction tx);

    /// Finds out whether anybody outside has the buffer open or mapped, and tells its heap when the last has gone.
    void look(BufferId buffer);

    /// Does so for the heap's buffers that have been handed out, until one is found that is still in use. What ends
    /// outside is seen late; for content that is about to be protected that must not be the reason to refuse it.
    void look_for_users(HeapId heap);

    /// Releases the buffer when nobody has it any more; true when it is gone.
    bool release_if_idle(BufferId buffer);

    /// A descriptor for a client; close it as soon as it is sent. Errors: what the heap answers when it may not
    /// be mapped now (EAGAIN); ENOMEM.
    [[nodiscard]] Result<UniqueFd> open_export(BufferId buffer);

    // For drivers, see include/iond/driver.h. Mappings are counted, and their users undo each before they give the
    // buffer up. Errors: EINVAL for an unknown buffer, and the heap's.

    [[nodiscard]] Result<std::uint64_t> phys(BufferId buffer) const;
    /// Stays the same for the life of the buffer; the heap is asked once.
    [[nodiscard]] Result<std::vector<PlacedRange>> sg_table(BufferId buffer);
    /// The heap is asked once.
    [[nodiscard]] Result<std::span<std::byte>> map_kernel(BufferId buffer);
    void unmap_kernel(BufferId buffer);
    /// Counted for each space. Errors: also EINVAL for other flags or another length than there is.
    [[nodiscard]] Result<std::uint64_t> map_iommu(BufferId buffer, const IommuMapping& mapping,
                                                  std::uint32_t flags);
    void unmap_iommu(BufferId buffer, IommuSpace space);
    /// True while any of these mappings exists.
    [[nodiscard]] bool mapped_by_driver(BufferId buffer) const;

    /// Content protection of a heap, counted over all workers: the next one protects it as often. Errors: EINVAL for an
    /// unknown heap; those of Heap::secure(); ENOMEM.
    Result<void> secure(HeapId heap);
    /// One call too many does nothing.
    Result<void> unsecure(HeapId heap);

    /// Null for an unknown buffer.
    [[nodiscard]] const Backing* backing(BufferId buffer) const;

    /// Start of a worker: applies one record of the journal.
    [[nodiscard]] bool replay(const Record& record) { return state_.apply(record); }

    /// After the replay: protects heaps as they were and gives every buffer its memory back; `take` opens its recorded descriptor. What cannot
    /// be restored is dropped with its handles, and named in the result.
    std::vector<std::string> restore(const std::function<Result<UniqueFd>(const BufferCreated&)>& take);

    [[nodiscard]] const State& state() const { return state_; }
    [[nodiscard]] const HeapSet& heaps() const { return heaps_; }
    [[nodiscard]] std::set<ClientId> take_gained() { return state_.take_gained(); }
    [[nodiscard]] std::vector<BufferId> take_unreferenced() { return state_.take_unreferenced(); }
    [[nodiscard]] Snapshot snapshot() const;
    [[nodiscard]] std::vector<HeapFigures> heap_figures() const;

    /// Of one buffer, or nothing when there is no such; of all, ascending.
    [[nodiscard]] std::vector<BufferDetails> details(BufferId buffer) const;
    [[nodiscard]] std::vector<BufferDetails> details() const;

  private:
    /// What drivers do to a buffer.
    struct DriverUse {
        std::uint32_t kernel_maps = 0;
        std::span<std::byte> kernel_bytes{};                     // while kernel_maps is not 0
        std::optional<std::vector<PlacedRange>> scatter_list{};  // Heap::map_dma() has been called
        std::map<IommuSpace, DeviceMapping> spaces{};
    };
    struct Live {
        std::unique_ptr<Backing> backing;
        Heap* heap = nullptr;  // whose `backing` is
        HeapId heap_id;
        bool outside = false;                  // what the last look found
        std::unique_ptr<DriverUse> drivers{};  // null until one uses it: few buffers are
    };

    void secure_again(std::vector<std::string>& lost);
    Result<void> commit_one(Record record);
    Result<std::unique_ptr<Backing>> restore_one(const BufferCreated& made, UniqueFd memory);
    /// May the client have `more` of all heaps together, and of this one?
    [[nodiscard]] Result<void> may_have(const Client& client, const Amounts& more) const;
    [[nodiscard]] Result<void> may_use(const Client& client, const RegisteredHeap& heap,
                                       const Amounts& more) const;
    /// The same, unless a fault has the heap refuse.
    [[nodiscard]] Result<void> may_try(const Client& client, const RegisteredHeap& heap, const Amounts& more,
                                       const AllocationRequest& request) const;
    void forget(BufferId buffer);
    [[nodiscard]] Live* find_live(BufferId buffer);
    [[nodiscard]] static DriverUse& use_of(Live& live);
    void unmap_user(const Live& live, BufferId buffer);
    void drop(BufferId buffer);
    void add_clients(Snapshot& snapshot) const;
    [[nodiscard]] BufferUsage usage_of(const Buffer& buffer) const;
    [[nodiscard]] BufferDetails details_of(const Buffer& buffer) const;

    const HeapSet& heaps_;
    CommitLog& log_;
    Limits limits_ = kNoLimits;
    State state_;
    std::unordered_map<BufferId, Live> live_;
    std::set<std::pair<HeapId, BufferId>> mapped_;  // Heap::map_user() has been allowed and not undone
};

}  // namespace ion
