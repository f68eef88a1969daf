// SPDX-License-Identifier: Apache-2.0
//
// Figures: heaps and clients at one moment, as the file `metrics` tells them.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace ion::usage {

/// Sizes are in bytes.
struct HeapFigures {
    std::uint32_t id = 0;  ///< bit number in the caller's mask
    std::string name;
    std::string type;
    std::uint64_t size = 0;          ///< of its region; 0 without one
    std::uint64_t allocated = 0;     ///< as the heap counts it
    std::uint64_t largest_free = 0;  ///< longest free run of its region
    std::uint64_t deferred = 0;      ///< given back, not yet zeroed
    std::uint64_t pooled = 0;        ///< zeroed, kept for the next buffer
    std::uint64_t buffers = 0;
    std::uint64_t buffer_bytes = 0;
    std::uint64_t orphaned = 0;  ///< of buffers that no client has a handle for

    /// What is free of its region: 0 without one.
    [[nodiscard]] std::uint64_t free() const { return size > allocated ? size - allocated : 0; }
};

/// One open file of the device, or a driver, that has memory. Those that the reader may not see are one, "hidden-0".
struct ClientFigures {
    std::string name;                            ///< of its usage file: "<pid>-<n>"
    std::int32_t pid = 0;                        ///< 0 for a driver
    std::string comm;                            ///< any bytes
    std::map<std::string, std::uint64_t> bytes;  ///< of its buffers, by heap

    [[nodiscard]] std::uint64_t total() const;
};

struct Figures {
    std::vector<HeapFigures> heaps;                 ///< in the order of the file: ascending id
    std::vector<ClientFigures> clients;             ///< in the order of the file
    std::uint64_t open_files = 0;                   ///< of the device, with or without memory
    std::map<std::string, std::uint64_t> refusals;  ///< by name of the errno, since the worker began
    /// Clients that allocate and do not free, by name: bytes since they last freed something.
    std::map<std::string, std::uint64_t> growing;
};

/// Families that it does not know are left out. Errors: EPROTO.
[[nodiscard]] Result<Figures> parse_figures(std::string_view metrics);

}  // namespace ion::usage
