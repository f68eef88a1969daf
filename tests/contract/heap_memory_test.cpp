// SPDX-License-Identifier: Apache-2.0
//
// Contract: what the memory of a buffer holds, and what clients get of it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>

#include "daemon/base/file_id.h"
#include "tests/contract/heap_contract.h"

namespace ion {
namespace {

class HeapMemory : public HeapContract {};

std::ptrdiff_t open_descriptors() {
    using Iterator = std::filesystem::directory_iterator;
    return std::distance(Iterator("/proc/self/fd"), Iterator());  // the iterator's own one, always, included
}

TEST_P(HeapMemory, ShowsNothingOfAFormerOwner) {
    for (int round = 0; round < 3; ++round) {
        const auto backing = allocate(32);  // half of the region, so that the next round gets the same place
        const Mapping mapping(export_of(*backing).get(), 32 * kPageSize);
        ASSERT_TRUE(mapping.is_all(0)) << "round " << round;
        mapping.fill(0xA5);
    }
}

TEST_P(HeapMemory, ShowsNothingOfAFormerOwnerWhoseMemoryIsKept) {
    for (int round = 0; round < 4; ++round) {
        for (const std::uint64_t pages : {1U, 2U, 8U}) {  // few enough for the pool of a small machine
            const auto backing = allocate(pages);
            const Mapping mapping(export_of(*backing).get(), pages * kPageSize);
            ASSERT_TRUE(mapping.is_all(0)) << pages << " pages, round " << round;
            mapping.fill(0xC3);
        }
    }
}

TEST_P(HeapMemory, ShowsNothingToAFormerOwnerThatKeptItsMapping) {
    auto backing = allocate(4);
    const Mapping kept(export_of(*backing).get(), 4 * kPageSize);
    kept.fill(0x11);
    backing.reset();  // the core waits for idle(); a heap is safe even so

    const auto next = allocate(4);
    const Mapping mapping(export_of(*next).get(), 4 * kPageSize);
    mapping.fill(0x22);

    EXPECT_TRUE(kept.is_all(0x11));
    EXPECT_TRUE(mapping.is_all(0x22));
}

TEST_P(HeapMemory, SharesOneMemoryAmongAllExports) {
    const auto backing = allocate(2);
    const Mapping a(export_of(*backing).get(), 2 * kPageSize);
    const Mapping b(export_of(*backing).get(), 2 * kPageSize);
    a.fill(0x5A);
    EXPECT_TRUE(b.is_all(0x5A));
}

TEST_P(HeapMemory, ExportsTheSizeReadWriteAndCloseOnExec) {
    const auto backing = allocate(7);
    const UniqueFd exported = export_of(*backing);
    EXPECT_EQ(::lseek(exported.get(), 0, SEEK_END), 7 * 4096);
    EXPECT_EQ(::fcntl(exported.get(), F_GETFL) & O_ACCMODE, O_RDWR);
    EXPECT_EQ(::fcntl(exported.get(), F_GETFD), FD_CLOEXEC);
}

TEST_P(HeapMemory, ExportsWhatIdentifiesAsTheMemory) {
    const auto a = allocate(1);
    const auto b = allocate(1);
    EXPECT_EQ(*file_id_of(export_of(*a).get()), a->memory().id());
    EXPECT_EQ(*file_id_of(export_of(*a).get()), a->memory().id()) << "every export is the same object";
    EXPECT_NE(a->memory().id(), b->memory().id());
    EXPECT_EQ(a->memory().kind(), GetParam().exporter);
}

TEST_P(HeapMemory, LeaksNoDescriptor) {
    const auto before = open_descriptors();
    for (int i = 0; i < 8; ++i) {
        const auto backing = allocate(2);
        const UniqueFd exported = export_of(*backing);
        EXPECT_FALSE(backing->memory().idle());
        EXPECT_NE(error_of(2 * kRegionSize), 0);
    }
    heap_->shrink(UINT64_MAX);
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(HeapMemory, KeepsOneDescriptorForEachBuffer) {
    const auto before = open_descriptors();
    const auto first = allocate(1);
    const auto second = allocate(1);
    EXPECT_EQ(open_descriptors(), before + 2);
    EXPECT_EQ(::fcntl(first->memory().fd(), F_GETFD), FD_CLOEXEC);
}

INSTANTIATE_TEST_SUITE_P(Heaps, HeapMemory, ::testing::ValuesIn(cases_of(all_types())), case_name);

}  // namespace
}  // namespace ion
