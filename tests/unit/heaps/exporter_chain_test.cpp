// SPDX-License-Identifier: Apache-2.0

#include "heaps/exporter_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/unit/heaps/heap_testing.h"

namespace ion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Two exporters; the first can carve.
class ExporterChainOfTwo : public ::testing::Test {
  protected:
    ExporterChainOfTwo() : chain_(make()) { first_.carves = true; }

    ExporterChain make() {
        std::vector<std::unique_ptr<Exporter>> exporters;
        exporters.push_back(std::make_unique<FakeExporter>(ExporterKind::kUdmabuf, first_));
        exporters.push_back(std::make_unique<FakeExporter>(ExporterKind::kVgem, second_));
        return ExporterChain(std::move(exporters));
    }

    FakeExporterScript first_;
    FakeExporterScript second_;
    ExporterChain chain_;
};

TEST_F(ExporterChainOfTwo, UsesTheFirstThatSucceeds) {
    ASSERT_TRUE(chain_.create(4096));
    EXPECT_THAT(first_.created, ElementsAre(4096));
    EXPECT_THAT(second_.created, IsEmpty());
}

TEST_F(ExporterChainOfTwo, FallsThroughToTheNextForEachAllocation) {
    first_.failure = EINVAL;
    ASSERT_TRUE(chain_.create(4096));
    first_.failure = 0;
    ASSERT_TRUE(chain_.create(8192));
    EXPECT_THAT(first_.created, ElementsAre(4096, 8192));
    EXPECT_THAT(second_.created, ElementsAre(4096));
}

TEST_F(ExporterChainOfTwo, FailsWithTheErrorOfTheLast) {
    first_.failure = EINVAL;
    second_.failure = ENOMEM;
    const auto memory = chain_.create(4096);
    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().code, ENOMEM);
    EXPECT_EQ(memory.error().context, "fake vgem");
}

TEST_F(ExporterChainOfTwo, CountsSuccessesAndFailuresOfEach) {
    ASSERT_TRUE(chain_.create(4096));
    first_.failure = EINVAL;
    ASSERT_TRUE(chain_.create(4096));
    second_.failure = ENOMEM;
    ASSERT_FALSE(chain_.create(4096));

    const auto figures = chain_.figures();

    ASSERT_EQ(figures.size(), 2U);
    EXPECT_EQ(figures[0].kind, ExporterKind::kUdmabuf);
    EXPECT_EQ(figures[0].created, 1U);
    EXPECT_EQ(figures[0].failed, 2U);
    EXPECT_EQ(figures[1].kind, ExporterKind::kVgem);
    EXPECT_EQ(figures[1].created, 1U);
    EXPECT_EQ(figures[1].failed, 1U);
}

TEST_F(ExporterChainOfTwo, CarvesWhereItCanAndCreatesElsewhere) {
    const ArenaRange range{.fd = 7, .offset = 8192, .size = 4096};
    ASSERT_TRUE(chain_.create_in({&range, 1}));
    first_.failure = ENOMEM;
    ASSERT_TRUE(chain_.create_in({&range, 1}));

    ASSERT_EQ(first_.carved.size(), 2U);
    EXPECT_EQ(first_.carved[0].offset, 8192U);
    EXPECT_THAT(first_.created, IsEmpty());
    EXPECT_THAT(second_.created, ElementsAre(4096));
}

TEST_F(ExporterChainOfTwo, CarvesWhenOneOfThemDoes) {
    EXPECT_TRUE(chain_.carves());
    first_.carves = false;
    EXPECT_FALSE(chain_.carves());
}

TEST_F(ExporterChainOfTwo, LeavesTheLastFreeDescriptorAlone) {
    const FullDescriptorTable table(2);  // enough to make a memfd, which keeps one
    ASSERT_TRUE(chain_.create(4096));    // given back at once
    const UniqueFd taken(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(taken);

    const auto memory = chain_.create(4096);

    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().code, ENOMEM);
    EXPECT_THAT(memory.error().context, HasSubstr("descriptor table is full"));
}

TEST(MakeExporters, SkipsWhatCannotBeHadAndKeepsTheOrder) {
    const std::array kinds{ExporterKind::kUdmabuf, ExporterKind::kVgem, ExporterKind::kDmaHeap,
                           ExporterKind::kMemfd};
    const auto opened = make_exporters(kinds);
    ASSERT_TRUE(opened);
    const auto figures = opened->chain.figures();
    EXPECT_EQ(figures.size() + opened->skipped.size(), kinds.size());
    EXPECT_EQ(figures.back().kind, ExporterKind::kMemfd);
}

TEST(MakeExporters, FailsWhenNoneIsAskedFor) {
    const auto opened = make_exporters({});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ENODEV);
}

TEST(MakeExporters, NamesEveryReasonWhenNoneCanBeHad) {
    constexpr auto kNowhere = static_cast<ExporterKind>(200);
    const std::array kinds{kNowhere, kNowhere};
    const auto opened = make_exporters(kinds);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ENODEV);
    EXPECT_EQ(opened.error().context,
              "none of the exporters can be used; unknown: no such exporter; unknown: no such exporter");
}

}  // namespace
}  // namespace ion
