// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/growth_rule.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_device.h"

namespace ion {
namespace {

constexpr std::uint64_t kPage = 4096;

class GrowthRuleTest : public testing::Test {
  protected:
    /// Clients named for `rule` by what happened since the last call.
    std::vector<std::uint64_t> named() {
        std::vector<std::uint64_t> ids;
        for (const auto& one : rule_.look(fake_.device.state(), fake_.device.take_gained())) {
            ids.push_back(one.client.value);
        }
        return ids;
    }
    HandleId allocate(ClientId client) { return fake_.allocate(client).second; }
    void free(ClientId client, HandleId handle) { fake_.commit(HandleReferenced{client, handle, -1}); }
    std::uint64_t growth(ClientId client) {
        const auto growing = rule_.growing(fake_.device.state());
        const auto found = growing.find(client);
        return found == growing.end() ? 0 : found->second;
    }

    FakeDevice fake_;
    GrowthRule rule_{3 * kPage};
};

TEST_F(GrowthRuleTest, NamesWhoReachesTheLimitOnce) {
    const ClientId client = fake_.open();
    const ClientId other = fake_.open();
    allocate(client);
    allocate(client);
    allocate(other);
    EXPECT_TRUE(named().empty());
    EXPECT_EQ(growth(client), 0U);
    allocate(client);
    EXPECT_EQ(named(), std::vector{client.value});
    EXPECT_EQ(growth(client), 3 * kPage);
    allocate(client);
    EXPECT_TRUE(named().empty());
    EXPECT_EQ(growth(client), 4 * kPage);
}

TEST_F(GrowthRuleTest, BeginsAnewWhenTheClientFrees) {
    const ClientId client = fake_.open();
    const HandleId first = allocate(client);
    allocate(client);
    EXPECT_TRUE(named().empty());
    free(client, first);
    for (int i = 0; i < 2; ++i) {
        allocate(client);
    }
    EXPECT_TRUE(named().empty()) << "the turn in which it freed is where it begins";
    for (int i = 0; i < 3; ++i) {
        allocate(client);
    }
    EXPECT_EQ(named(), std::vector{client.value});
    free(client, HandleId{2});
    EXPECT_EQ(growth(client), 0U);
}

TEST_F(GrowthRuleTest, NamesNobodyForWhatTheyHadAtTheBeginning) {
    const ClientId client = fake_.open();
    for (int i = 0; i < 5; ++i) {
        allocate(client);
    }
    rule_.begin(fake_.device.state());
    EXPECT_TRUE(named().empty());
    EXPECT_EQ(growth(client), 0U);
}

TEST_F(GrowthRuleTest, NamesNobodyWithoutALimit) {
    rule_.set_limit(0);
    const ClientId client = fake_.open();
    for (int i = 0; i < 5; ++i) {
        allocate(client);
    }
    EXPECT_TRUE(named().empty());
    EXPECT_EQ(growth(client), 0U);
}

TEST_F(GrowthRuleTest, ForgetsClientsThatAreGone) {
    for (int i = 0; i < 100; ++i) {
        const ClientId client = fake_.open();
        for (int j = 0; j < 3; ++j) {
            allocate(client);
        }
        EXPECT_EQ(named(), std::vector{client.value});
        fake_.close(client);
        EXPECT_EQ(growth(client), 0U);
    }
}

}  // namespace
}  // namespace ion
