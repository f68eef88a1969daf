// SPDX-License-Identifier: Apache-2.0
//
// The files `buffers/<id>` and `buffers/all`: a buffer, who has handles for it, who has it open or mapped.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"

namespace ion::usage {

/// A client's handle for a buffer.
struct BufferHandle {
    std::string client;  ///< name of its usage file: "<pid>-<n>"
    std::uint32_t uid = 0;
    std::uint32_t number = 0;  ///< 0: the client allocated it as a descriptor, and is charged for it
    std::uint32_t references = 0;
};

/// A process that was found to have a buffer open or mapped.
struct BufferHolder {
    std::int32_t pid = 0;
    std::uint32_t uid = 0;
    std::string comm;               ///< one word
    std::vector<std::int32_t> fds;  ///< ascending
    std::vector<std::string> maps;  ///< ranges of addresses as the file writes them, "0x7f0000-0x7f1000"
};

/// How far the holders can be relied upon.
enum class Look {
    kUnknown,  ///< there was no look yet
    kPartial,  ///< some processes could not be looked into
    kComplete,
};

struct Buffer {
    std::uint64_t id = 0;
    std::string name;        ///< of the dma-buf; empty without one
    std::uint64_t size = 0;  ///< bytes
    std::string heap;
    std::string placement;  ///< ranges of addresses as the file writes them; empty without a place
    std::string exporter;
    std::uint32_t flags = 0;       ///< as asked
    std::uint64_t align = 0;       ///< as asked
    std::string created;           ///< UTC, ISO 8601; empty when it is not known
    std::string age;               ///< seconds as the file writes them, "66.013"; empty likewise
    std::int32_t creator_pid = 0;  ///< 0 for a driver, and when it is not known
    std::uint32_t creator_uid = 0;
    std::string creator_comm;
    std::string creator_cgroup;  ///< empty when it is not known
    bool exported = false;       ///< a descriptor of it was handed out
    bool outside = false;        ///< somebody has it open or mapped, holders that were not found as well
    std::vector<BufferHandle> handles;
    Look look = Look::kUnknown;
    std::string look_age;                 ///< seconds; empty before the first look
    std::optional<std::uint64_t> unseen;  ///< processes that could not be looked into, where that is known
    std::vector<BufferHolder> holders;    ///< ascending pid

    /// No client has a handle for it: only descriptors or mappings keep it.
    [[nodiscard]] bool orphaned() const { return handles.empty(); }

    /// Others have it, but the process that allocated it has neither a handle nor, as far as was seen, anything else.
    [[nodiscard]] bool left_by_creator() const;
};

/// One or many, with an empty line between two. Keys that it does not know are left out. Errors: EPROTO.
[[nodiscard]] Result<std::vector<Buffer>> parse_buffers(std::string_view text);

}  // namespace ion::usage
