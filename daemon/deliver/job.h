// SPDX-License-Identifier: Apache-2.0
//
// What the worker asks an injector to do to a client, and what comes back: one SOCK_SEQPACKET message each.
//
// Ids rise. An injector that gets the id of the job it did last answers again with the same result instead of
// doing it twice, so a worker may send a job again after a crash. The messages are plain
// structs: both ends are built from the same source, but for a delivery that was in progress when the program was
// replaced. These layouts are therefore part of the journal's, and change with its version.

#pragma once

#include <cstddef>
#include <cstdint>

namespace ion {

enum class JobKind : std::uint32_t {
    kIdentify = 1,    ///< which object is descriptor `fd_number` of the client
    kRead = 2,        ///< copy `length` bytes at `address` out of the client
    kWrite = 3,       ///< copy the payload to `address` in the client
    kCheckRange = 4,  ///< does [address, address + length) lie inside one mapping of the client, and of what
    kTakeFd = 5,      ///< take a copy of socket `fd_number` (a channel's end) out of the client
    kDeliver = 6,     ///< answer the client's ioctl and put the attached descriptor into its table
};

/// Payload bytes follow the struct in the same message: kWrite's data; kDeliver's FUSE reply, ready to write.
/// kDeliver carries the descriptor to give away by SCM_RIGHTS.
struct Job {
    std::uint64_t id = 0;
    JobKind kind = JobKind::kIdentify;
    std::int32_t tid = 0;  ///< calling thread, as in the request
    std::uint64_t address = 0;
    std::uint64_t length = 0;
    std::int32_t fd_number = -1;  ///< kIdentify, kTakeFd: number in the caller's table
    // kDeliver only:
    std::uint32_t reply_target = 0;    ///< index into the descriptors that the injector was started with
    std::uint32_t command = 0;         ///< the ioctl's command and argument: the thread is checked to be
    std::uint64_t argument = 0;        ///< inside exactly this call before anything is changed
    std::int32_t pending_result = 0;   ///< the (negative) result in the FUSE reply; stands if delivery fails
    std::uint64_t number_address = 0;  ///< where in the client the 4-byte descriptor number goes
    std::uint32_t close_on_exec = 1;
    std::uint32_t failure_writes_errno = 0;  ///< on failure, -errno also goes to number_address
    std::int32_t failure_result = 0;         ///< on failure: 0 = return -errno; 1 = return 0 (A0)
};

/// Largest payload: HEAP_QUERY's records of all heaps, PREFETCH's arrays and any reply stay far below.
inline constexpr std::size_t kMaxJobPayload = 8192;

/// kRead's bytes follow the struct; kTakeFd's descriptor comes by SCM_RIGHTS.
struct JobResult {
    std::uint64_t id = 0;
    std::int32_t error = 0;      ///< 0, or a positive errno
    std::uint32_t replied = 0;   ///< kDeliver: the FUSE reply was written; the worker must not answer
    std::int32_t number = -1;    ///< kDeliver: the client's descriptor number
    std::uint32_t refused = 0;   ///< kDeliver: a `Refusal`, when the client may not be injected
    std::uint64_t device = 0;    ///< kIdentify, kCheckRange: what is mapped
    std::uint64_t inode = 0;     ///< kIdentify, kCheckRange
    std::uint64_t offset = 0;    ///< kCheckRange: of the range in the mapped file, bytes
    std::uint64_t writable = 0;  ///< kCheckRange: 1 when the client may write there
    std::uint64_t last = 0;      ///< 1: the injector ends now, to be rid of a client that did not stop
};

/// `id` of what an injector sends when it is asked to end: it has begun no job but those whose results came before.
inline constexpr std::uint64_t kFarewell = 0;

/// Why a client cannot be injected; the call answers EPERM and the reason is logged.
enum class Refusal : std::uint32_t {
    kNone = 0,
    kTraced = 1,
    kSeccomp = 2,
    kNotPermitted = 3,
    kArchitecture = 4
};

}  // namespace ion
