// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/heap_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_heap.h"

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

RegisteredHeap heap(std::uint32_t id, const std::string& name) {
    return {HeapId{id}, 0, "system", name, std::make_unique<FakeHeap>()};
}

class Heaps : public testing::Test {
  protected:
    Heaps() {
        for (const std::uint32_t id : {8U, 0U, 31U}) {
            EXPECT_TRUE(heaps_.add(heap(id, "heap" + std::to_string(id))));
        }
    }

    [[nodiscard]] std::vector<std::uint32_t> matching(std::uint32_t mask, HeapOrder order) const {
        std::vector<std::uint32_t> ids;
        for (const RegisteredHeap* one : heaps_.matching(mask, order)) {
            ids.push_back(one->id.value);
        }
        return ids;
    }

    HeapSet heaps_;
};

TEST_F(Heaps, AreKeptByAscendingId) {
    EXPECT_EQ(heaps_.all().size(), 3U);
    EXPECT_EQ(heaps_.all().front().id, HeapId{0});
    EXPECT_EQ(heaps_.all().back().id, HeapId{31});
}

TEST_F(Heaps, AreFoundById) {
    EXPECT_EQ(heaps_.find(HeapId{8})->name, "heap8");
    EXPECT_EQ(heaps_.find(HeapId{9}), nullptr);
}

TEST_F(Heaps, MatchAMaskInTheOrderAskedFor) {
    EXPECT_THAT(matching(~0U, HeapOrder::kDescending), ElementsAre(31, 8, 0));
    EXPECT_THAT(matching(~0U, HeapOrder::kAscending), ElementsAre(0, 8, 31));
    EXPECT_THAT(matching(1U << 31 | 1U, HeapOrder::kAscending), ElementsAre(0, 31));
    EXPECT_THAT(matching(1U << 30, HeapOrder::kAscending), IsEmpty());
    EXPECT_THAT(matching(0, HeapOrder::kDescending), IsEmpty());
}

TEST_F(Heaps, RefuseAnIdThatIsTaken) {
    const auto added = heaps_.add(heap(8, "other"));

    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, EEXIST);
    EXPECT_NE(added.error().context.find("heap8"), std::string::npos) << added.error().context;
    EXPECT_EQ(heaps_.all().size(), 3U);
}

TEST_F(Heaps, AreTakenOutWhole) {
    const Heap* heap = heaps_.find(HeapId{8})->heap.get();
    const auto taken = heaps_.remove(HeapId{8});
    EXPECT_EQ(taken.get(), heap);
    EXPECT_EQ(heaps_.find(HeapId{8}), nullptr);
    EXPECT_THAT(matching(~0U, HeapOrder::kAscending), ElementsAre(0, 31));
    EXPECT_EQ(heaps_.remove(HeapId{8}), nullptr);
}

}  // namespace
}  // namespace ion
