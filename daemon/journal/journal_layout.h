// SPDX-License-Identifier: Apache-2.0
//
// Layout of the journal's memfd. It is mapped by keeper and worker; what is written stays when the writer is
// killed between any two instructions, so everything that counts is published by one atomic store.
//
//   0                  JournalHeader, one page
//   kSlotsOffset       request slots of all sessions (request_slots.h)
//   kAreaOffset[0, 1]  two log areas; one is active, the other holds nothing but while compacting
//
// The file is sparse: only pages that were written take memory.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "daemon/base/activity.h"
#include "daemon/base/pulse.h"

namespace ion {

/// Sessions whose requests are journalled.
enum class SessionId : std::uint32_t { kDevice = 0, kUsage = 1 };
inline constexpr std::size_t kSessions = 2;

/// The kernel's INIT request of a session, fed again to the library by every later worker.
struct SessionInit {
    std::uint32_t size = 0;  ///< bytes used; 0 before INIT. Set last.
    std::array<std::byte, 252> bytes{};
};

/// First page. `head` is the commit point: bit 63 = active area, the rest = bytes of log in it.
struct JournalHeader {
    static constexpr std::uint64_t kMagic = 0x314C4E524A444E49;  // "INDJRNL1"
    /// 2 has the records from KernelClientOpened on at the end of the list and is 1 otherwise: a journal of 1 is
    /// read as it is, and goes on as one of 2. A worker that knows 1 alone refuses 2.
    static constexpr std::uint32_t kVersion = 2;
    static constexpr std::uint32_t kPreviousVersion = 1;

    std::uint64_t magic = kMagic;
    std::uint32_t version = kVersion;
    std::uint32_t reserved = 0;
    std::atomic<std::uint64_t> head{0};
    /// Request slot being processed, plus 1; 0 when none. Whatever it names did not survive its processing.
    std::atomic<std::uint32_t> current_slot{0};
    /// Next job id for injectors; ids rise over all workers.
    std::atomic<std::uint64_t> next_job{1};
    /// Set once the transports serve.
    std::atomic<std::uint32_t> ready{0};
    std::array<SessionInit, kSessions> inits{};
    /// The plug-in that the worker is in; the keeper tells it when the worker has died.
    Activity activity{};
    /// Heaps and drivers, by subject of the activity, that are not started any more because they ended worker after
    /// worker at the start.
    std::atomic<std::uint64_t> abandoned{0};
    Pulse pulse{};
    /// The process that is the worker, or was: from before it changes anything here.
    std::atomic<std::int32_t> worker{0};
    /// The process that is the keeper's guard (daemon/keeper/guard.h); 0 when there is none.
    std::atomic<std::int32_t> guard{0};
};
static_assert(sizeof(JournalHeader) <= 4096);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

inline constexpr std::uint64_t kAreaBit = 1ULL << 63;

/// Requests in flight at once, all sessions; more wait in the kernel's queue.
inline constexpr std::array<std::uint32_t, kSessions> kSlotsOf = {192, 64};
inline constexpr std::uint32_t kSlotCount = kSlotsOf[0] + kSlotsOf[1];

/// Room for one request. An ioctl carries at most 16,383 bytes (14 size bits) behind 72 of headers; the kernel
/// asks for a buffer of at least header + write header + max_write, with max_write (16 KiB) less than that.
inline constexpr std::size_t kRequestSize = 20 * 1024 - 256;
inline constexpr std::size_t kAnswerSize = 192;

struct RequestSlot {
    std::atomic<std::uint64_t> answer_commit{0};  ///< the answer stands once this many commits were made
    std::uint32_t answer_size = 0;
    std::uint32_t attempts = 0;      ///< workers that died processing it
    std::uint64_t send_buffer = 0;   ///< with the answer: send this buffer through the channel ...
    std::uint64_t send_token = 0;    ///< ... under this token; 0 = nothing to send
    std::int32_t send_channel = -1;  ///< the daemon's end of that channel
    std::array<std::byte, kAnswerSize> answer{};
    std::array<std::byte, 256 - 36 - kAnswerSize> reserved{};
    /// fuse_in_header first: its length, 0 in a free slot, is what the kernel sets by delivering a request.
    std::array<std::byte, kRequestSize> request{};

    void clear_answer() {
        answer_commit.store(0);
        answer_size = 0;
        send_buffer = 0;
        send_token = 0;
    }
};
static_assert(sizeof(RequestSlot) == 20 * 1024);
static_assert(offsetof(RequestSlot, request) == 256);

inline constexpr std::uint64_t kSlotsOffset = 4096;
inline constexpr std::uint64_t kAreaSize = 1ULL << 30;
inline constexpr std::array<std::uint64_t, 2> kAreaOffset = {64ULL << 20, (64ULL << 20) + kAreaSize};
inline constexpr std::uint64_t kJournalSize = kAreaOffset[1] + kAreaSize;
static_assert(kSlotsOffset + kSlotCount * sizeof(RequestSlot) <= kAreaOffset[0]);

}  // namespace ion
