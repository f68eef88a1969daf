// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/handle_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>
#include <vector>

namespace ion {
namespace {

using testing::ElementsAre;

HandleId add_next(HandleTable& table, std::uint64_t buffer) {
    const HandleId handle = table.next();
    EXPECT_TRUE(table.add(handle, BufferId{buffer}));
    return handle;
}

std::vector<std::uint32_t> numbers(const HandleTable& table) {
    std::vector<std::uint32_t> all;
    table.for_each([&](HandleId handle, const Handle&) { all.push_back(handle.value); });
    return all;
}

TEST(HandleTable, CountsUpFromOne) {
    HandleTable table;

    add_next(table, 10);
    add_next(table, 20);

    EXPECT_THAT(numbers(table), ElementsAre(1, 2));
    EXPECT_EQ(table.find(HandleId{2})->buffer, BufferId{20});
    EXPECT_EQ(table.of(BufferId{10}), HandleId{1});
}

TEST(HandleTable, GivesOutTheLowestFreeNumber) {
    HandleTable table;
    for (std::uint64_t buffer = 1; buffer <= 5; ++buffer) {
        add_next(table, buffer);
    }

    EXPECT_TRUE(table.reference(HandleId{4}, -1));
    EXPECT_TRUE(table.reference(HandleId{2}, -1));

    EXPECT_EQ(add_next(table, 6), HandleId{2});
    EXPECT_EQ(add_next(table, 7), HandleId{4});
    EXPECT_EQ(add_next(table, 8), HandleId{6});
}

TEST(HandleTable, FindsNothingUnderANumberThatIsNotInUse) {
    HandleTable table;
    add_next(table, 1);

    EXPECT_EQ(table.find(HandleId{0}), nullptr);
    EXPECT_EQ(table.find(HandleId{2}), nullptr);
    EXPECT_EQ(table.find(HandleId{UINT32_MAX}), nullptr);
    EXPECT_EQ(table.of(BufferId{2}), HandleId{0});
}

TEST(HandleTable, KeepsAHandleUntilItsLastReference) {
    HandleTable table;
    const HandleId handle = add_next(table, 1);
    EXPECT_TRUE(table.reference(handle, +2));
    EXPECT_EQ(table.find(handle)->references, 3U);

    EXPECT_TRUE(table.reference(handle, -2));
    EXPECT_NE(table.find(handle), nullptr);
    EXPECT_TRUE(table.reference(handle, -1));

    EXPECT_EQ(table.find(handle), nullptr);
    EXPECT_EQ(table.of(BufferId{1}), HandleId{0});
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.next(), handle);
}

TEST(HandleTable, RefusesCountsOutOfRange) {
    HandleTable table;
    const HandleId handle = add_next(table, 1);

    EXPECT_FALSE(table.reference(handle, -2));
    EXPECT_FALSE(table.reference(handle, INT32_MIN));
    EXPECT_FALSE(table.reference(handle, INT32_MAX));
    EXPECT_FALSE(table.reference(HandleId{2}, +1));
    EXPECT_EQ(table.find(handle)->references, 1U);

    EXPECT_TRUE(table.reference(handle, INT32_MAX - 1));
    EXPECT_EQ(table.find(handle)->references, HandleTable::kMaxReferences);
    EXPECT_FALSE(table.reference(handle, +1));
}

TEST(HandleTable, RefusesASecondHandleForABufferOrANumber) {
    HandleTable table;
    add_next(table, 1);

    EXPECT_FALSE(table.add(HandleId{1}, BufferId{2}));
    EXPECT_FALSE(table.add(HandleId{2}, BufferId{1}));
    EXPECT_FALSE(table.add(HandleId{0}, BufferId{3}));
    EXPECT_FALSE(table.add(HandleId{HandleTable::kLast.value + 1}, BufferId{3}));

    EXPECT_THAT(numbers(table), ElementsAre(1));
    EXPECT_EQ(table.next(), HandleId{2});
}

TEST(HandleTable, IsRestoredWithGaps) {
    HandleTable table;

    EXPECT_TRUE(table.add(HandleId{3}, BufferId{30}));
    EXPECT_TRUE(table.add(HandleId{5}, BufferId{50}));

    EXPECT_EQ(add_next(table, 1), HandleId{1});
    EXPECT_EQ(add_next(table, 2), HandleId{2});
    EXPECT_EQ(add_next(table, 4), HandleId{4});
    EXPECT_EQ(add_next(table, 6), HandleId{6});
}

TEST(HandleTable, TakesAnyNumberWithoutPayingForTheGap) {
    HandleTable table;

    EXPECT_TRUE(table.add(HandleTable::kLast, BufferId{1}));

    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.next(), HandleId{1});
    EXPECT_THAT(numbers(table), ElementsAre(HandleTable::kLast.value));
    EXPECT_TRUE(table.reference(HandleTable::kLast, -1));
    EXPECT_EQ(table.next(), HandleId{1});
}

TEST(HandleTable, AgreesWithASetOfNumbersOverRandomUse) {
    std::mt19937 random(4711);
    HandleTable table;
    std::set<std::uint32_t> used;
    for (std::uint64_t step = 1; step <= 20'000; ++step) {
        std::uint32_t lowest = 1;
        while (used.contains(lowest)) {
            ++lowest;
        }
        ASSERT_EQ(table.next(), HandleId{lowest});
        // Any number is as good to free, so this grows to some dozens with gaps everywhere.
        if (const HandleId handle{static_cast<std::uint32_t>(random() % 64 + 1)};
            used.erase(handle.value) == 1) {
            ASSERT_TRUE(table.reference(handle, -1));
        } else {
            const HandleId added = random() % 2 == 0 ? table.next() : handle;
            ASSERT_TRUE(table.add(added, BufferId{step}));
            used.insert(added.value);
        }
        ASSERT_EQ(table.size(), used.size());
    }
    EXPECT_EQ(numbers(table), std::vector<std::uint32_t>(used.begin(), used.end()));
}

}  // namespace
}  // namespace ion
