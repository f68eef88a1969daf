// SPDX-License-Identifier: Apache-2.0
//
// Snapshot: a plain copy of all usage figures at one moment, for rendering and for tests.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/allocation_refusal.h"
#include "daemon/core/buffer_holders.h"
#include "daemon/core/fault_rule.h"
#include "daemon/core/ids.h"
#include "daemon/core/record.h"
#include "heaps/heap.h"

namespace ion {

/// One buffer of one client. A generation-C allocation has handle 0: the client that made it is charged as
/// long as its file is open, although its descriptor is what keeps the buffer.
struct HandleUsage {
    HandleId handle;
    std::uint32_t references = 0;  ///< handle references; 0 for a generation-C allocation
    BufferId buffer;
};

struct ClientUsage {
    ClientId id;
    std::string name;          ///< decimal tgid of the opener, or a driver's name
    std::uint32_t serial = 0;  ///< display name is "<name>-<serial>"
    std::int32_t pid = 0;      ///< tgid of the opener, 0 when unknown
    std::string comm;          ///< of the opener's group leader, at most 15 bytes, any bytes; a driver's name
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::vector<HandleUsage> handles;
};

/// A buffer in a device's address space.
struct SpaceUsage {
    std::uint32_t domain = 0;
    std::uint32_t partition = 0;
    std::uint64_t address = 0;
};

/// No user has it.
inline constexpr std::uint32_t kUnknownUid = UINT32_MAX;

struct BufferUsage {
    BufferId id;
    HeapId heap;
    std::uint64_t size = 0;  ///< bytes, page-rounded
    std::uint32_t flags = 0;
    ExporterKind exporter = ExporterKind::kMemfd;
    std::vector<PlacedRange> placement{};
    std::uint32_t holders = 0;  ///< clients that have it in `handles`
    bool outside = false;       ///< the last look found it open or mapped by somebody
    std::uint32_t kernel_maps = 0;
    std::vector<SpaceUsage> spaces{};  ///< device address spaces that it is mapped into
    std::string last_comm{};           ///< last known client: who allocated it or dropped the last handle
    std::int32_t last_pid = 0;
    std::uint32_t last_uid = 0;  ///< kUnknownUid where it is not known
};

/// A client's handle for a buffer.
struct BufferHandle {
    ClientId client;
    std::string name;       ///< of the client, "<pid>-<serial>"
    std::uint32_t uid = 0;  ///< the client's
    HandleId handle;        ///< 0 for a generation-C allocation, as in HandleUsage
    std::uint32_t references = 0;
};

/// All that is known of one buffer.
struct BufferDetails {
    BufferUsage usage;
    std::uint64_t align = 0;  ///< as asked
    FileId file;              ///< what descriptors of it are
    bool exported = false;    ///< it has been handed out
    BufferOrigin origin;
    std::vector<BufferHandle> handles;  ///< by ascending client
};

struct HeapFigures {
    HeapId id;
    std::uint32_t type = 0;  ///< number in the caller's ABI (SYSTEM 0, SYSTEM_CONTIG 1, CARVEOUT 2, ...)
    std::string type_name;   ///< as in the configuration
    std::string name;
    HeapUsage usage;
    std::uint64_t buffer_count = 0;
    std::uint64_t buffer_bytes = 0;
    std::uint64_t peak_bytes = 0;  ///< the most that buffer_bytes has been since the daemon was started
    bool has_addresses = false;
    bool defers_free = false;
    bool can_shrink = false;
    MemoryMap memory_map = MemoryMap::kNone;
    std::string debug_a;  ///< the heap's own lines in the texts of generation A
    std::string debug_b;  ///< and of B
};

/// A client that allocates and does not free.
struct ClientGrowth {
    ClientId client;
    std::string name;  ///< "<pid>-<serial>"
    std::int32_t pid = 0;
    std::string comm;
    std::uint32_t uid = 0;
    std::uint64_t bytes = 0;  ///< got since it last lost a buffer
};

struct Snapshot {
    std::vector<HeapFigures> heaps;                ///< ascending id
    std::vector<ClientUsage> clients;              ///< ascending id
    std::vector<BufferUsage> buffers;              ///< ascending id
    std::vector<AllocationRefusal> refusals;       ///< the last ones, oldest first
    std::map<int, std::uint64_t> refusal_totals;   ///< by errno, since the worker began
    std::vector<FaultFigures> faults;              ///< in the order of the rules
    std::vector<BufferDetails> details;            ///< of those that were asked for, ascending id
    std::shared_ptr<const BufferHolders> holders;  ///< of the last look; null when there was none
    std::vector<ClientGrowth> growing;             ///< ascending client
    std::int64_t unix_ms = 0;                      ///< when it was made
};

}  // namespace ion
