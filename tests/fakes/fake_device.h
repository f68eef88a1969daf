// SPDX-License-Identifier: Apache-2.0
//
// FakeDevice: a real Device on fake heaps and a log in memory, with the few steps that every test of it needs.

#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/fakes/collecting_log.h"
#include "tests/fakes/described.h"
#include "tests/fakes/fake_heap.h"

namespace ion {

/// Heaps "low" (id 1, system) and "high" (id 4, carveout at 1 GiB), unless a test adds its own first.
class FakeDevice {
  public:
    FakeDevice() : low(add_heap(1, 0, "low", {})), high(add_heap(4, 2, "high", {1ULL << 30, 1ULL << 40})) {}

    FakeHeap& add_heap(std::uint32_t id, std::uint32_t type, const std::string& name, PlacedRange region) {
        auto heap = std::make_unique<FakeHeap>(region);
        FakeHeap& borrowed = *heap;
        EXPECT_TRUE(heaps.add({HeapId{id}, type, type == 0 ? "system" : "carveout", name, std::move(heap)}));
        return borrowed;
    }

    ClientId open(std::int32_t pid = 100, std::uint32_t open_flags = 0) {
        return open(Opener{pid, {"comm"}, 1, 2, open_flags});
    }
    ClientId open(const Opener& opener) {
        Transaction tx;
        const ClientId client = device.open_client(tx, opener);
        EXPECT_TRUE(device.commit(std::move(tx)));
        return client;
    }

    void close(ClientId client) {
        Transaction tx;
        EXPECT_TRUE(device.close_client(tx, client));
        EXPECT_TRUE(device.commit(std::move(tx)));
    }

    /// A page with a handle, as ALLOC of the older generations gives.
    std::pair<BufferId, HandleId> allocate(ClientId client, std::uint32_t mask = ~0U,
                                           std::uint32_t flags = 0) {
        Transaction tx;
        const auto buffer = device.allocate(tx, client, {4096, 0, mask, flags, HeapOrder::kAscending, false});
        EXPECT_TRUE(buffer);
        const auto handle = device.add_handle(tx, client, *buffer);
        EXPECT_TRUE(handle);
        EXPECT_TRUE(device.commit(std::move(tx)));
        return {*buffer, *handle};
    }

    /// Commits one record.
    void commit(const Record& record) {
        Transaction tx;
        tx.records.push_back(record);
        EXPECT_TRUE(device.commit(std::move(tx)));
    }

    [[nodiscard]] FileId file_of(BufferId buffer) const { return device.state().buffer(buffer)->made.file; }

    HeapSet heaps;
    FakeHeap& low;
    FakeHeap& high;
    CollectingLog log;
    Device device{heaps, log};
};

}  // namespace ion
