// SPDX-License-Identifier: Apache-2.0
//
// Record: one change of the model. State changes only by applying records, and every record is in the journal
// before it is applied, so a new worker arrives at the same state by applying them again.

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "daemon/base/file_id.h"
#include "daemon/core/ids.h"
#include "heaps/heap.h"

namespace ion {

/// Name of a process as the kernel keeps it: at most 15 bytes, NUL-padded.
using Comm = std::array<char, 16>;

[[nodiscard]] inline std::string comm_text(const Comm& comm) {
    return {comm.begin(), std::find(comm.begin(), comm.end(), '\0')};
}

/// The device was opened.
struct ClientOpened {
    ClientId client;
    std::int32_t pid = 0;      ///< tgid of the opener, 0 when unknown
    std::uint32_t serial = 0;  ///< tells clients of one process apart in the usage tree
    Comm comm{};               ///< of the opener's group leader
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t open_flags = 0;  ///< as given to open(2)
};

/// Last close of an open file of the device: all its handles go, whatever their counts.
struct ClientClosed {
    ClientId client;
};

/// The client used a command that only handle-based generations have.
struct ClientUsedHandles {
    ClientId client;
};

/// The most that a buffer may have. The sum over all that a journal has room for is still a 64-bit number.
inline constexpr std::uint64_t kMostBufferBytes = std::uint64_t{1} << 40;

/// A heap made a buffer. `fd` is open before this is written.
struct BufferCreated {
    BufferId buffer;
    HeapId heap;
    std::uint64_t size = 0;   ///< bytes, page-rounded; not 0, at most kMostBufferBytes
    std::uint64_t align = 0;  ///< as requested
    std::uint32_t flags = 0;
    ExporterKind exporter = ExporterKind::kMemfd;
    std::int32_t fd = -1;  ///< the daemon's descriptor for the memory
    FileId file;           ///< what `fd` must be, checked by the next worker
    std::vector<PlacedRange> placement;
    ClientId owner;        ///< generation C: charged for it while its file is open; 0 otherwise
    std::int32_t pid = 0;  ///< last known client
    Comm comm{};
};

/// Nobody refers to the buffer any more. Written before `fd` is closed.
struct BufferReleased {
    BufferId buffer;
};

/// The buffer has been handed out at least once, so outside references may exist.
struct BufferExported {
    BufferId buffer;
};

/// A1: cacheability is decided when a buffer is shared.
struct BufferFlagsSet {
    BufferId buffer;
    std::uint32_t flags = 0;
};

struct HandleAdded {
    ClientId client;
    HandleId handle;
    BufferId buffer;
};

/// One reference more (+1) or less (-1); at 0 the handle is gone.
struct HandleReferenced {
    ClientId client;
    HandleId handle;
    std::int32_t delta = 0;
};

/// An injector was asked to answer the request in `slot` and to hand the buffer over.
struct DeliveryStarted {
    std::uint64_t job = 0;
    std::uint32_t slot = 0;
    std::int32_t injector_fd = -1;
    ClientId client;
    BufferId buffer;
    std::vector<std::byte> message;  ///< the job and its payload, to send again after a crash
};

struct DeliveryEnded {
    std::uint64_t job = 0;
};

/// A client's process gave one end of a socket pair for descriptors.
struct ChannelOpened {
    ClientId client;
    std::int32_t pid = 0;  ///< tgid that it serves
    std::int32_t fd = -1;
    FileId file;
};

struct ChannelClosed {
    ClientId client;
    std::int32_t pid = 0;
};

struct InjectorStarted {
    std::int32_t fd = -1;
    std::int32_t pid = 0;
    FileId file;
};

struct InjectorGone {
    std::int32_t fd = -1;
};

/// The memory that a heap carves its buffers from.
struct ArenaCreated {
    HeapId heap;
    std::int32_t fd = -1;
    FileId file;
};

/// A usage file was opened: its content is fixed for the life of this open file.
struct UsageOpened {
    std::uint64_t file = 0;
    std::uint64_t inode = 0;
    std::int32_t pid = 0;  ///< thread that opened it: its fstat() must say this content's size
    std::string content;
};

struct UsageClosed {
    std::uint64_t file = 0;
};

/// Where numbering goes on; written when the journal is compacted.
struct Counters {
    std::uint64_t next_client = 1;
    std::uint64_t next_buffer = 1;
    std::uint64_t next_usage_file = 1;
    std::uint64_t next_token = 1;
};

/// A descriptor sent through a channel used up a token.
struct TokenUsed {
    std::uint64_t token = 0;
};

/// The most that a heap's buffers have had at one time; written when the journal is compacted, because the
/// buffers that made it are gone from it then.
struct HeapPeak {
    HeapId heap;
    std::uint64_t bytes = 0;
};

/// One text of the configuration that is served.
struct ConfigurationPiece {
    std::string
        subject;  ///< empty: read from a file; else what was added or left out while running: a heap's name
                  ///< or "fault " and a rule's
    std::string name;  ///< stands in messages
    std::string text;
};

/// An id that a heap of the configuration has.
struct HeapNumber {
    std::string name;
    std::uint32_t id = 0;
};

/// The configuration that is served from here on, whole; it replaces the keeper's and every former one.
struct ConfigurationSet {
    std::vector<ConfigurationPiece> pieces;
    std::vector<HeapNumber> numbers;
};

/// A heap is gone, or made anew: what was said of its arena and its peak holds no more. Written before its
/// descriptor is closed.
struct HeapGone {
    HeapId heap;
};

/// The image of a plug-in was read; one of the same path before it counts no more.
struct PluginLoaded {
    std::string path;
    std::int32_t fd = -1;
    FileId file;
};

/// The plug-in is no longer part of the configuration.
struct PluginGone {
    std::string path;
};

/// A driver of this worker became a client.
struct KernelClientOpened {
    ClientId client;
    std::uint32_t serial = 0;  ///< tells clients of one name apart in the usage tree
    std::string name;          ///< 1 to 63 bytes
};

/// Drivers have asked so many times more for a heap's protection than they have given it up.
struct HeapSecured {
    HeapId heap;
    std::uint32_t count = 0;
};

/// The control group of a client's opener, when it opened the device. Follows ClientOpened.
struct ClientCgroup {
    ClientId client;
    std::string path;  ///< "/system.slice/x.service"
};

/// When a buffer was made, and for whom: what BufferCreated says of a client follows those who have it. Comes with
/// BufferCreated.
struct BufferOrigin {
    BufferId buffer;
    std::int64_t unix_ms = 0;  ///< 0 when unknown
    ClientId client;           ///< who allocated it; it may be gone
    std::int32_t pid = 0;      ///< of the client, as in ClientOpened
    Comm comm{};
    std::uint32_t uid = 0;
    std::string cgroup;
};

/// The groups of a client's opener, when it opened the device. Follows ClientOpened.
struct ClientGroups {
    ClientId client;
    std::vector<std::uint32_t> gids;
};

/// An injector was left behind with a client that did not let it finish. Written before its InjectorGone.
struct InjectorLeft {
    std::int32_t tid = 0;  ///< the client's thread
    std::int32_t pid = 0;  ///< of the injector
};

/// The client that an injector was left behind with is dead, and the injector is ended.
struct LeftInjectorEnded {
    std::int32_t tid = 0;
};

/// A fault rule has seen a call; both counts 0: the rule is gone, or another one by now.
struct FaultCounted {
    std::string rule;
    std::uint64_t calls = 0;
    std::uint64_t hits = 0;
};

/// The order is part of the journal format: append only.
using Record =
    std::variant<ClientOpened, ClientClosed, ClientUsedHandles, BufferCreated, BufferReleased, BufferExported,
                 BufferFlagsSet, HandleAdded, HandleReferenced, DeliveryStarted, DeliveryEnded, ChannelOpened,
                 ChannelClosed, InjectorStarted, InjectorGone, ArenaCreated, UsageOpened, UsageClosed,
                 Counters, TokenUsed, HeapPeak, ConfigurationSet, HeapGone, PluginLoaded, PluginGone,
                 KernelClientOpened, HeapSecured, ClientCgroup, BufferOrigin, InjectorLeft, LeftInjectorEnded,
                 ClientGroups, FaultCounted>;

}  // namespace ion
