// SPDX-License-Identifier: Apache-2.0
//
// Pulse: what a worker lets its keeper see of it, in memory that both map.

#pragma once

#include <atomic>
#include <cstdint>

namespace ion {

struct Pulse {
    std::atomic<std::uint64_t> turns{0};  ///< of the loop: it goes round some times a second even when idle
    std::atomic<std::uint64_t> clients{0};
    std::atomic<std::uint64_t> buffers{0};
    std::atomic<std::uint64_t> bytes{0};  ///< allocated from all heaps

    void tell(std::uint64_t clients_now, std::uint64_t buffers_now, std::uint64_t bytes_now) {
        clients.store(clients_now);
        buffers.store(buffers_now);
        bytes.store(bytes_now);
    }
};

}  // namespace ion
