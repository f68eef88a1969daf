// SPDX-License-Identifier: Apache-2.0
//
// Random use of a Device against ObjectModel. After each step: what the snapshot shows, what was announced as
// unreferenced, and the two ways in which a new worker arrives at the same state.

#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <set>

#include "tests/fakes/fake_device.h"
#include "tests/unit/core/object_model.h"

namespace ion {
namespace {

constexpr int kStepsOfARun = 400;

class RandomUse : public testing::TestWithParam<std::uint32_t>, protected FakeDevice {
  protected:
    RandomUse() : random_(GetParam()) {}

    void step() {
        // More is made than dropped at first, and a client's close takes much away at once.
        static constexpr void (RandomUse::*kSteps[])() = {
            &RandomUse::open_client,  &RandomUse::open_client,    &RandomUse::close_client,
            &RandomUse::allocate,     &RandomUse::allocate,       &RandomUse::allocate,
            &RandomUse::allocate,     &RandomUse::allocate_owned, &RandomUse::allocate_owned,
            &RandomUse::share,        &RandomUse::end_delivery,   &RandomUse::end_delivery,
            &RandomUse::import,       &RandomUse::import,         &RandomUse::import,
            &RandomUse::free_one,     &RandomUse::free_one,       &RandomUse::free_one,
            &RandomUse::look_outside, &RandomUse::look_outside,   &RandomUse::release,
            &RandomUse::release,      &RandomUse::release,        &RandomUse::set_flags,
            &RandomUse::use_handles,  &RandomUse::free_nonsense,  &RandomUse::import_foreign};
        (this->*kSteps[below(std::size(kSteps))])();
    }

    void check() {
        ASSERT_EQ(model_.difference(device.snapshot()), "");
        for (; replayed_records_ < log.records().size(); ++replayed_records_) {
            ASSERT_TRUE(replayed_.apply(log.records()[replayed_records_]));
        }
        const auto now = described(device.state());
        ASSERT_EQ(described(replayed_), now) << "by the journal";
        const State compacted = rebuilt(device.state());
        ASSERT_EQ(described(compacted), now) << "by the compacted journal";
        for (const auto& [id, client] : model_.clients) {
            ASSERT_EQ(device.state().client(id)->handles.next().value, model_.lowest_free(id));
            ASSERT_EQ(compacted.client(id)->handles.next().value, model_.lowest_free(id));
            ASSERT_EQ(compacted.next_serial(client.pid), device.state().next_serial(client.pid));
        }
        check_holdings();
        check_announced();
    }

  private:
    /// The sums that the state keeps are those of the buffers that a client has.
    void check_holdings() const {
        for (const auto& [id, client] : device.state().clients()) {
            std::set<BufferId> has(client.owned.begin(), client.owned.end());
            client.handles.for_each([&](HandleId, const Handle& handle) { has.insert(handle.buffer); });
            std::map<HeapId, std::uint64_t> bytes;
            std::uint64_t total = 0;
            for (const BufferId buffer : has) {
                const BufferCreated& made = device.state().buffer(buffer)->made;
                bytes[made.heap] += made.size;
                total += made.size;
            }
            ASSERT_EQ(client.holdings.bytes, bytes);
            ASSERT_EQ(client.holdings.total_bytes, total);
        }
    }

    std::size_t below(std::size_t limit) { return random_() % limit; }

    template <typename Map>
    auto any(Map& map) {
        return std::next(map.begin(), static_cast<std::ptrdiff_t>(below(map.size())));
    }

    void open_client() {
        const auto pid = static_cast<std::int32_t>(100 + below(3));
        model_.clients[open(pid)].pid = pid;
    }

    void close_client() {
        if (model_.clients.size() > 4) {
            const ClientId id = any(model_.clients)->first;
            close(id);
            model_.close(id);
            EXPECT_EQ(device.state().client(id), nullptr);
        }
    }

    Result<BufferId> stage_allocation(Transaction& tx, ClientId client, bool owned) {
        const AllocationRequest request{1 + below(20'000),
                                        0,
                                        ~0U,
                                        static_cast<std::uint32_t>(below(4)),
                                        below(2) == 0 ? HeapOrder::kAscending : HeapOrder::kDescending,
                                        owned};
        auto buffer = device.allocate(tx, client, request);
        if (buffer) {
            model_.buffers[*buffer] = {(request.length + 4095) / 4096 * 4096, request.flags,
                                       model_.clients.at(client).pid, 0, false};
        }
        return buffer;
    }

    void allocate() {
        if (model_.clients.empty()) {
            return;
        }
        const ClientId client = any(model_.clients)->first;
        Transaction tx;
        const auto buffer = stage_allocation(tx, client, false);
        ASSERT_TRUE(buffer);
        EXPECT_EQ(device.add_handle(tx, client, *buffer)->value, model_.lowest_free(client));
        ASSERT_TRUE(device.commit(std::move(tx)));
        model_.add_handle(client, *buffer);
    }

    void allocate_owned() {
        if (model_.clients.empty()) {
            return;
        }
        const ClientId client = any(model_.clients)->first;
        Transaction tx;
        const auto buffer = stage_allocation(tx, client, true);
        ASSERT_TRUE(buffer);
        start_delivery(tx, client, *buffer);
        model_.clients.at(client).charged.insert(*buffer);
    }

    void share() {
        if (model_.clients.empty()) {
            return;
        }
        const auto client = any(model_.clients);
        if (!client->second.handles.empty()) {
            Transaction tx;
            start_delivery(tx, client->first, any(client->second.handles)->second.buffer);
        }
    }

    void start_delivery(Transaction& tx, ClientId client, BufferId buffer) {
        tx.records.emplace_back(DeliveryStarted{++last_job_, 0, 9, client, buffer, {}});
        ASSERT_TRUE(device.commit(std::move(tx)));
        deliveries_[last_job_] = buffer;
        ++model_.buffers.at(buffer).deliveries;
        model_.buffers.at(buffer).exported = true;
    }

    void end_delivery() {
        if (!deliveries_.empty()) {
            const auto delivery = any(deliveries_);
            commit(DeliveryEnded{delivery->first});
            --model_.buffers.at(delivery->second).deliveries;
            deliveries_.erase(delivery);
        }
    }

    void import() {
        if (model_.clients.empty() || model_.buffers.empty()) {
            return;
        }
        const ClientId client = any(model_.clients)->first;
        const BufferId buffer = any(model_.buffers)->first;
        const std::uint32_t known = model_.handle_of(client, buffer);
        const std::uint32_t expected = known != 0 ? known : model_.lowest_free(client);
        Transaction tx;
        const auto handle = device.import(tx, client, file_of(buffer));
        ASSERT_TRUE(handle);
        EXPECT_EQ(handle->value, expected);
        ASSERT_TRUE(device.commit(std::move(tx)));
        if (known != 0) {
            ++model_.clients.at(client).handles.at(known).references;
        } else {
            model_.add_handle(client, buffer);
        }
    }

    void import_foreign() {
        if (!model_.clients.empty()) {
            Transaction tx;
            EXPECT_EQ(device.import(tx, any(model_.clients)->first, {~0ULL, ~0ULL}).error().code, EINVAL);
        }
    }

    void free_one() {
        if (model_.clients.empty()) {
            return;
        }
        const auto client = any(model_.clients);
        if (client->second.handles.empty()) {
            return;
        }
        const std::uint32_t handle = any(client->second.handles)->first;
        Transaction tx;
        ASSERT_TRUE(device.free(tx, client->first, handle));
        ASSERT_TRUE(device.commit(std::move(tx)));
        model_.drop_reference(client->first, handle);
    }

    void free_nonsense() {
        if (!model_.clients.empty()) {
            const auto client = any(model_.clients);
            Transaction tx;
            const std::uint64_t unused = model_.lowest_free(client->first);
            for (const std::uint64_t handle : {0UL, unused, ~0UL, 1UL << 32 | 1}) {
                EXPECT_EQ(device.free(tx, client->first, handle).error().code, EINVAL);
            }
        }
    }

    FakeMemoryState& memory_of(BufferId buffer) {
        const int fd = device.state().buffer(buffer)->made.fd;
        FakeHeap& heap = device.state().buffer(buffer)->made.heap == HeapId{1} ? low : high;
        std::size_t index = 0;
        while (heap.memory(index).fd != fd) {
            ++index;
        }
        return heap.memory(index);
    }

    void look_outside() {
        if (!model_.buffers.empty()) {
            FakeMemoryState& memory = memory_of(any(model_.buffers)->first);
            memory.idle = !memory.idle;
        }
    }

    void release() {
        if (model_.buffers.empty()) {
            return;
        }
        const auto buffer = any(model_.buffers);
        FakeMemoryState& memory = memory_of(buffer->first);
        const bool expected =
            model_.unreferenced().contains(buffer->first) && (!buffer->second.exported || memory.idle);
        EXPECT_EQ(device.release_if_idle(buffer->first), expected);
        EXPECT_EQ(memory.released, expected);
        if (expected) {
            for (auto& [id, client] : model_.clients) {
                client.charged.erase(buffer->first);
            }
            model_.buffers.erase(buffer);
        }
    }

    void set_flags() {
        if (!model_.buffers.empty()) {
            const auto buffer = any(model_.buffers);
            buffer->second.flags = static_cast<std::uint32_t>(below(1000));
            commit(BufferFlagsSet{buffer->first, buffer->second.flags});
        }
    }

    void use_handles() {
        if (!model_.clients.empty()) {
            commit(ClientUsedHandles{any(model_.clients)->first});
        }
    }

    /// Whoever collects announcements must know of every unreferenced buffer.
    void check_announced() {
        for (const BufferId id : device.take_unreferenced()) {
            announced_.insert(id);
        }
        const auto expected = model_.unreferenced();
        std::erase_if(announced_, [&](BufferId id) { return !expected.contains(id); });
        ASSERT_EQ(announced_, expected);
    }

    std::mt19937 random_;
    ObjectModel model_;
    std::map<std::uint64_t, BufferId> deliveries_;
    std::set<BufferId> announced_;
    State replayed_;
    std::size_t replayed_records_ = 0;
    std::uint64_t last_job_ = 0;
};

TEST_P(RandomUse, AgreesWithTheModelAfterEachStep) {
    for (int i = 0; i < kStepsOfARun && !HasFatalFailure(); ++i) {
        SCOPED_TRACE("step " + std::to_string(i));
        step();
        check();
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomUse, testing::Range(1U, 9U));

}  // namespace
}  // namespace ion
