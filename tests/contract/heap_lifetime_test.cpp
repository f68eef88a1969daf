// SPDX-License-Identifier: Apache-2.0
//
// Contract: when memory is idle, and how it survives the worker that made it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "tests/contract/heap_contract.h"

namespace ion {
namespace {

class HeapLifetime : public HeapContract {};

TEST_P(HeapLifetime, IsIdleExactlyWhileNoDescriptorIsOpen) {
    const auto backing = allocate(1);
    EXPECT_TRUE(backing->memory().idle());

    UniqueFd a = export_of(*backing);
    UniqueFd b = export_of(*backing);
    EXPECT_FALSE(backing->memory().idle());
    a.reset();
    EXPECT_FALSE(backing->memory().idle());
    b.reset();
    EXPECT_TRUE(backing->memory().idle());
}

TEST_P(HeapLifetime, IsNotIdleWhileOnlyAMappingIsLeft) {
    const auto backing = allocate(1);
    {
        const Mapping mapping(export_of(*backing).get(), kPageSize);
        EXPECT_FALSE(backing->memory().idle());
    }
    EXPECT_TRUE(backing->memory().idle());
}

TEST_P(HeapLifetime, IsNotIdleWhileAnotherProcessHasItMapped) {
    const auto backing = allocate(1);
    const int own = backing->memory().fd();
    UniqueFd exported = export_of(*backing);
    std::array<int, 2> ready{};
    std::array<int, 2> leave{};
    ASSERT_EQ(::pipe2(ready.data(), O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(leave.data(), O_CLOEXEC), 0);

    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::close(own);  // a client never has the daemon's own descriptor
        ::close(leave[1]);
        const bool mapped =
            ::mmap(nullptr, kPageSize, PROT_READ, MAP_SHARED, exported.get(), 0) != MAP_FAILED;
        ::close(exported.get());
        char byte = mapped ? 'y' : 'n';
        const bool told = ::write(ready[1], &byte, 1) == 1;
        ::_exit(told && ::read(leave[0], &byte, 1) == 0 ? 0 : 1);  // until the test closes its end
    }
    exported.reset();
    char mapped = 0;
    ASSERT_EQ(::read(ready[0], &mapped, 1), 1);
    EXPECT_EQ(mapped, 'y');
    EXPECT_FALSE(backing->memory().idle());

    ::close(leave[1]);
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(backing->memory().idle());
    for (const int fd : {ready[0], ready[1], leave[0]}) {
        ::close(fd);
    }
}

/// A heap whose worker was killed: its destructors never run, its descriptors stay open for the next worker.
struct KilledHeap {
    std::unique_ptr<Heap> heap;
    std::vector<std::unique_ptr<Backing>> backings;
};

KilledHeap& kill_worker_of(std::unique_ptr<Heap> heap, std::vector<std::unique_ptr<Backing>> backings) {
    static auto& killed = *new std::vector<KilledHeap*>;  // reachable for ever, so not a leak
    return *killed.emplace_back(new KilledHeap{std::move(heap), std::move(backings)});
}

/// What the journal would know of a buffer.
RestoreRequest recorded(const Backing& backing, std::uint64_t size) {
    RestoreRequest request;
    request.request.size_bytes = size;
    request.exporter = backing.memory().kind();
    request.memory = UniqueFd(backing.memory().fd());
    request.placement.assign(backing.placement().begin(), backing.placement().end());
    return request;
}

TEST_P(HeapLifetime, RestoresMemoryAndPlaceOfAWorkerThatWasKilled) {
    std::vector<std::unique_ptr<Backing>> made;
    made.push_back(allocate(1));
    made.push_back(allocate(3));
    const Mapping client(export_of(*made[1]).get(), 3 * kPageSize);
    client.fill(0x77);
    const KilledHeap& killed = kill_worker_of(std::move(heap_), std::move(made));
    const Backing& before = *killed.backings[1];

    heap_ = make_heap(UniqueFd(killed.heap->arena_fd()));
    const auto after = heap_->restore(recorded(before, 3 * kPageSize));

    ASSERT_TRUE(after) << after.error().context;
    EXPECT_EQ((*after)->memory().id(), before.memory().id());
    EXPECT_TRUE(std::ranges::equal((*after)->placement(), before.placement()));
    EXPECT_EQ(heap_->usage().allocated, taken_by(before));
    EXPECT_FALSE((*after)->memory().idle()) << "the client still has it mapped";
    EXPECT_TRUE(Mapping(export_of(**after).get(), 3 * kPageSize).is_all(0x77));
}

TEST_P(HeapLifetime, RefusesToRestoreWhatIsNotItsOwn) {
    std::vector<std::unique_ptr<Backing>> made;
    made.push_back(allocate(1));
    const KilledHeap& killed = kill_worker_of(std::move(heap_), std::move(made));
    const Backing& before = *killed.backings[0];
    heap_ = make_heap(UniqueFd(killed.heap->arena_fd()));
    RestoreRequest elsewhere = recorded(before, kPageSize);
    elsewhere.memory.reset(::dup(elsewhere.memory.release()));  // the original is restored below
    elsewhere.placement = {{.base = kRegionBase + kRegionSize, .size = kPageSize}};

    const auto refused = heap_->restore(std::move(elsewhere));

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, EINVAL);
    EXPECT_EQ(heap_->usage().allocated, 0U);
    EXPECT_TRUE(heap_->restore(recorded(before, kPageSize))) << "the right place is free";
}

TEST_P(HeapLifetime, FindsRestoredMemoryIdleOnceTheClientIsGone) {
    std::vector<std::unique_ptr<Backing>> made;
    made.push_back(allocate(1));
    Mapping(export_of(*made[0]).get(), kPageSize).fill(0x77);
    const KilledHeap& killed = kill_worker_of(std::move(heap_), std::move(made));

    heap_ = make_heap(UniqueFd(killed.heap->arena_fd()));
    const auto after = heap_->restore(recorded(*killed.backings[0], kPageSize));

    ASSERT_TRUE(after) << after.error().context;
    EXPECT_TRUE((*after)->memory().idle());
}

TEST_P(HeapLifetime, ShowsNothingOfWhatAKilledWorkerDidNotFinishReleasing) {
    std::vector<std::unique_ptr<Backing>> made;
    made.push_back(allocate(2));
    Mapping(export_of(*made[0]).get(), 2 * kPageSize).fill(0x99);
    const KilledHeap& killed = kill_worker_of(std::move(heap_), std::move(made));
    UniqueFd(killed.backings[0]->memory().fd()).reset();  // no record names it, so the next worker closes it

    heap_ = make_heap(UniqueFd(killed.heap->arena_fd()));
    const auto backing = allocate(2);

    EXPECT_TRUE(Mapping(export_of(*backing).get(), 2 * kPageSize).is_all(0));
}

INSTANTIATE_TEST_SUITE_P(Heaps, HeapLifetime, ::testing::ValuesIn(cases_of(all_types())), case_name);

}  // namespace
}  // namespace ion
