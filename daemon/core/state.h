// SPDX-License-Identifier: Apache-2.0
//
// State: everything that a new worker must know, as a fold over records.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/core/charges.h"
#include "daemon/core/fault_rule.h"
#include "daemon/core/handle_table.h"
#include "daemon/core/record.h"

namespace ion {

struct Buffer {
    BufferCreated made;            ///< as created; `flags`, `pid` and `comm` follow later records
    std::uint32_t holders = 0;     ///< handles over all clients
    std::uint32_t deliveries = 0;  ///< deliveries in progress
    bool exported = false;         ///< somebody outside may have it
    BufferOrigin origin{};
};

/// What a client has: buffers that it has a handle for or is charged for, each once.
struct Holdings {
    std::map<HeapId, std::uint64_t> bytes;  ///< a heap without any is absent
    std::uint64_t total_bytes = 0;
    std::uint64_t losses = 0;  ///< how often it has lost a buffer
};

struct Client {
    ClientOpened opened;
    HandleTable handles;
    std::set<BufferId> owned;  ///< generation-C allocations charged to this file
    bool used_handles = false;
    std::string kernel_name{};          ///< of a driver's client; empty for a process
    std::string cgroup{};               ///< of its opener; empty when unknown
    std::vector<std::uint32_t> gids{};  ///< of its opener, supplementary ones
    Holdings holdings{};

    /// In the usage tree it is "<name>-<serial>": the opener's pid, or the driver's name.
    [[nodiscard]] std::string name() const;
};

struct Channel {
    std::int32_t fd = -1;
    FileId file;
};

/// Who pays; borrows from its argument.
[[nodiscard]] inline Payer payer_of(const Client& client) {
    return {client.opened.client, client.opened.uid, client.cgroup};
}
[[nodiscard]] inline Payer payer_of(const BufferOrigin& origin) {
    return {origin.client, origin.uid, origin.cgroup};
}

/// What the buffers of a heap come to, those that only outside references keep included.
struct HeapTotals {
    std::uint64_t buffers = 0;
    std::uint64_t bytes = 0;
    std::uint64_t peak_bytes = 0;  ///< the most that `bytes` has been since the daemon was started
};

/// Changes only through apply(). The loop thread only.
class State {
  public:
    /// Applies one record. A record that does not fit (a journal from elsewhere) is ignored and reported.
    [[nodiscard]] bool apply(const Record& record);

    /// Records that make an empty State equal to this one.
    void describe(const std::function<void(const Record&)>& emit) const;

    [[nodiscard]] const Client* client(ClientId id) const;
    [[nodiscard]] const Buffer* buffer(BufferId id) const;
    [[nodiscard]] std::optional<BufferId> buffer_of(FileId file) const;
    /// The buffer that a look at a client's file found; the look began when `next` was the next buffer's id. Memory
    /// keeps its file when it is pooled: a younger buffer with this file is not what the client had.
    [[nodiscard]] std::optional<BufferId> buffer_seen(FileId file, BufferId next) const;
    /// The id that the next buffer gets.
    [[nodiscard]] BufferId next_buffer() const { return BufferId{counters_.next_buffer}; }
    [[nodiscard]] const Channel* channel(ClientId client, std::int32_t pid) const;

    /// Serial that makes "<pid>-<serial>" unique: highest live one of this pid plus 1, first is 0.
    [[nodiscard]] std::uint32_t next_serial(std::int32_t pid) const;

    /// The same for "<name>-<serial>" of drivers' clients.
    [[nodiscard]] std::uint32_t next_serial(const std::string& kernel_name) const;

    /// How often the heap has been secured and not unsecured.
    [[nodiscard]] std::uint32_t protections(HeapId heap) const;

    [[nodiscard]] const std::map<ClientId, Client>& clients() const { return clients_; }
    [[nodiscard]] const std::unordered_map<BufferId, Buffer>& buffers() const { return buffers_; }
    [[nodiscard]] const std::map<std::pair<ClientId, std::int32_t>, Channel>& channels() const {
        return channels_;
    }
    [[nodiscard]] const std::map<std::uint64_t, DeliveryStarted>& deliveries() const { return deliveries_; }
    [[nodiscard]] const std::map<std::int32_t, InjectorStarted>& injectors() const { return injectors_; }
    /// By the client's thread: the process id of the injector that was left with it.
    [[nodiscard]] const std::map<std::int32_t, std::int32_t>& left_injectors() const {
        return left_injectors_;
    }
    [[nodiscard]] const std::map<HeapId, ArenaCreated>& arenas() const { return arenas_; }
    [[nodiscard]] const std::map<std::uint64_t, UsageOpened>& usage_files() const { return usage_files_; }
    /// Bytes of all their contents.
    [[nodiscard]] std::uint64_t usage_bytes() const { return usage_bytes_; }
    /// Nothing while it is the keeper's.
    [[nodiscard]] const std::optional<ConfigurationSet>& configuration() const { return configuration_; }
    /// By path.
    [[nodiscard]] const std::map<std::string, PluginLoaded>& plugins() const { return plugins_; }
    [[nodiscard]] const Counters& counters() const { return counters_; }
    /// Buffers by who allocated them, handles by who has them.
    [[nodiscard]] const Charges& charges() const { return charges_; }

    /// By rule; 0 of all others.
    [[nodiscard]] const std::map<std::string, FaultCount>& fault_counts() const { return fault_counts_; }
    [[nodiscard]] FaultCount fault_count(const std::string& rule) const;

    /// All 0 for a heap that never had a buffer.
    [[nodiscard]] HeapTotals totals(HeapId heap) const;

    /// Clients that got a buffer since the last call.
    [[nodiscard]] std::set<ClientId> take_gained() { return std::exchange(gained_, {}); }

    /// Buffers that nothing of ours refers to any more, in the order in which that happened; the caller takes
    /// them over and looks whether somebody outside still has them.
    [[nodiscard]] std::vector<BufferId> take_unreferenced() { return std::exchange(unreferenced_, {}); }

    /// True when only outside references can keep this buffer.
    [[nodiscard]] static bool unreferenced(const Buffer& buffer) {
        return buffer.holders == 0 && buffer.deliveries == 0;
    }

  private:
    bool on(const ClientOpened& record);
    bool on(const ClientClosed& record);
    bool on(const ClientUsedHandles& record);
    bool on(const BufferCreated& record);
    bool on(const BufferReleased& record);
    bool on(const BufferExported& record);
    bool on(const BufferFlagsSet& record);
    bool on(const HandleAdded& record);
    bool on(const HandleReferenced& record);
    bool on(const DeliveryStarted& record);
    bool on(const DeliveryEnded& record);
    bool on(const ChannelOpened& record);
    bool on(const ChannelClosed& record);
    bool on(const InjectorStarted& record);
    bool on(const InjectorGone& record);
    bool on(const ArenaCreated& record);
    bool on(const UsageOpened& record);
    bool on(const UsageClosed& record);
    bool on(const Counters& record);
    bool on(const TokenUsed& record);
    bool on(const HeapPeak& record);
    bool on(const ConfigurationSet& record);
    bool on(const HeapGone& record);
    bool on(const PluginLoaded& record);
    bool on(const PluginGone& record);
    bool on(const KernelClientOpened& record);
    bool on(const HeapSecured& record);
    bool on(const ClientCgroup& record);
    bool on(const BufferOrigin& record);
    bool on(const InjectorLeft& record);
    bool on(const LeftInjectorEnded& record);
    bool on(const ClientGroups& record);
    bool on(const FaultCounted& record);
    void gain(Client& client, const Buffer& buffer);
    static void lose(Client& client, const Buffer& buffer);
    void drop_handle(Client& client, BufferId buffer);
    void note_if_unreferenced(const Buffer& buffer);

    std::map<ClientId, Client> clients_;
    std::unordered_map<BufferId, Buffer> buffers_;
    std::unordered_map<FileId, BufferId> by_file_;
    std::map<std::pair<ClientId, std::int32_t>, Channel> channels_;
    std::map<std::uint64_t, DeliveryStarted> deliveries_;
    std::map<std::int32_t, InjectorStarted> injectors_;
    std::map<std::int32_t, std::int32_t> left_injectors_;
    std::map<HeapId, ArenaCreated> arenas_;
    std::map<HeapId, std::uint32_t> secured_;
    std::map<std::uint64_t, UsageOpened> usage_files_;
    std::uint64_t usage_bytes_ = 0;
    std::map<HeapId, HeapTotals> totals_;
    std::optional<ConfigurationSet> configuration_;
    std::map<std::string, PluginLoaded> plugins_;
    std::map<std::string, FaultCount> fault_counts_;
    Counters counters_;
    Charges charges_;
    std::vector<BufferId> unreferenced_;
    std::set<ClientId> gained_;
};

}  // namespace ion
