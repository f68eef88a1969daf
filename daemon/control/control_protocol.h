// SPDX-License-Identifier: Apache-2.0
//
// Messages on the control socket (SOCK_SEQPACKET, <runtime dir>/control): one request, one reply, as often as
// the peer likes. Fixed layouts, versioned; both ends run on one machine, so native byte order.

#pragma once

#include <cstddef>
#include <cstdint>

namespace ion {

inline constexpr std::uint32_t kControlMagic = 0x434E4F49;  // "IONC"
inline constexpr std::uint16_t kControlVersion = 1;

enum class ControlCommand : std::uint16_t {
    kStatus = 1,       ///< the reply's text is a JSON document: what is served, by whom, and totals
    kHeapAdd = 2,      ///< document: {"name": of the text, "text": TOML with one [[heap]] table}
    kHeapRemove = 3,   ///< document: {"heap": name}
    kReload = 4,       ///< reads configuration and plug-ins again
    kFaultAdd = 5,     ///< document: {"name": of the text, "text": TOML with one [[fault]] table}
    kFaultRemove = 6,  ///< document: {"fault": name}. Replies of 2 to 6: what changed, as JSON
    /// After the reply, without text: lines of a trace (docs/traces.md, without its first line) on this connection,
    /// each message some whole lines, until the peer closes it. What the peer is too slow for is lost and counted.
    kRecord = 16,
    /// Starts the program on disk in the daemon's place. After the reply, without text, the connection ends: another
    /// worker serves. An error (why that program cannot take over) leaves everything as it is.
    kUpgrade = 32,
};

/// A JSON document may follow in the same message; it is the rest of it.
struct ControlRequest {
    std::uint32_t magic = kControlMagic;
    std::uint16_t version = kControlVersion;
    ControlCommand command = ControlCommand::kStatus;
};
static_assert(sizeof(ControlRequest) == 8);

/// `size` bytes of text follow in the same message: what was asked for, or why it could not be done.
struct ControlReply {
    std::uint32_t magic = kControlMagic;
    std::uint16_t version = kControlVersion;
    std::uint16_t reserved = 0;
    std::int32_t error =
        0;  ///< 0, or a positive errno: EPROTO (not a request of this version), ENOSYS, EPERM, the command's
    std::uint32_t size = 0;
};
static_assert(sizeof(ControlReply) == 16);

/// Largest request and largest reply, heads included.
inline constexpr std::size_t kMaxControlRequest = 64 * 1024;
inline constexpr std::size_t kMaxControlReply = 64 * 1024;

}  // namespace ion
