// SPDX-License-Identifier: Apache-2.0
//
// ObjectModel: the rules of docs/abi.md, "Objects", written down a second time and as plainly as possible.

#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "daemon/core/ids.h"
#include "daemon/core/snapshot.h"

namespace ion {

struct ObjectModel {
    struct Handle {
        BufferId buffer;
        std::uint32_t references = 0;
    };
    struct Client {
        std::int32_t pid = 0;
        std::map<std::uint32_t, Handle> handles;
        std::set<BufferId> charged;  ///< generation C
        bool used_handles = false;
    };
    struct Buffer {
        std::uint64_t size = 0;
        std::uint32_t flags = 0;
        std::int32_t last_pid = 0;
        int deliveries = 0;
        bool exported = false;
    };

    std::map<ClientId, Client> clients;
    std::map<BufferId, Buffer> buffers;

    [[nodiscard]] std::uint32_t lowest_free(ClientId client) const;
    /// The client's handle for the buffer, 0 when it has none.
    [[nodiscard]] std::uint32_t handle_of(ClientId client, BufferId buffer) const;

    void add_handle(ClientId client, BufferId buffer);
    void drop_reference(ClientId client, std::uint32_t handle);
    void close(ClientId client);

    [[nodiscard]] int holders(BufferId buffer) const;
    [[nodiscard]] std::set<BufferId> unreferenced() const;
    [[nodiscard]] std::uint64_t bytes() const;

    /// Empty when `snapshot` shows exactly this, else the first difference.
    [[nodiscard]] std::string difference(const Snapshot& snapshot) const;

  private:
    [[nodiscard]] static std::string difference(const Client& expected, const ClientUsage& shown);
    [[nodiscard]] int shown_holders(BufferId buffer) const;
};

}  // namespace ion
