// SPDX-License-Identifier: Apache-2.0

#include "client/views/top_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ion::views {
namespace {

using ::testing::ElementsAre;
using usage::ClientFigures;
using usage::Figures;

constexpr std::uint64_t kMega = 1 << 20;

Figures figures(std::uint64_t of_seven, std::uint64_t of_eight) {
    Figures result;
    result.heaps.push_back({.id = 2,
                            .name = "sf",
                            .type = "carveout",
                            .size = 16 * kMega,
                            .allocated = of_seven + of_eight,
                            .largest_free = kMega,
                            .buffers = 2,
                            .buffer_bytes = of_seven + of_eight});
    result.clients = {{.name = "7-0", .pid = 7, .comm = "zebra", .bytes = {{"sf", of_seven}}},
                      {.name = "8-0", .pid = 8, .comm = "ape\x1b", .bytes = {{"sf", of_eight}}}};
    result.open_files = 2;
    result.refusals = {{"ENOMEM", 2}, {"EINVAL", 1}};
    return result;
}

/// The names of the clients' files, from above.
std::vector<std::string> order_of(const TopLines& lines) {
    std::vector<std::string> names;
    for (const TopLine& line : lines.clients) {
        names.push_back(line.text.substr(0, 3));
    }
    return names;
}

TEST(Top, ShowsHeapsClientsAndChanges) {
    const auto lines = top_lines(figures(3 * kMega, kMega), figures(kMega, 2 * kMega), {});
    std::vector<std::string> texts;
    for (const TopLine& line : lines.head) {
        texts.push_back(line.text);
    }
    EXPECT_THAT(texts,
                ElementsAre("ION: 2 buffers with 4.0M, 2 open files, 3 refused", "",
                            "HEAP  USED     OF                          LONGEST  BUFFERS  ORPHANED  CHANGE",
                            "sf    4.0M  16.0M  [#####...............]     1.0M        2         0   +1.0M",
                            "", "CLIENT  PID  COMMAND  BYTES  CHANGE  BY HEAP"));
    ASSERT_EQ(lines.clients.size(), 2U);
    EXPECT_EQ(lines.clients[0].text, "7-0       7  zebra     3.0M   +2.0M  sf 3.0M");
    EXPECT_EQ(lines.clients[1].text, "8-0       8  ape?      1.0M   -1.0M  sf 1.0M");
    EXPECT_EQ(lines.head[2].kind, LineKind::kTitle);
    EXPECT_EQ(lines.head[5].kind, LineKind::kTitle);
}

TEST(Top, SortsByWhatIsAskedFor) {
    const Figures before = figures(3 * kMega, kMega);
    const Figures now = figures(3 * kMega, 2 * kMega);
    const auto sorted = [&](TopOrder order, bool reverse) {
        return order_of(top_lines(now, before, {.order = order, .reverse = reverse}));
    };
    EXPECT_THAT(sorted(TopOrder::kBytes, false), ElementsAre("7-0", "8-0"));
    EXPECT_THAT(sorted(TopOrder::kBytes, true), ElementsAre("8-0", "7-0"));
    EXPECT_THAT(sorted(TopOrder::kChange, false), ElementsAre("8-0", "7-0"));
    EXPECT_THAT(sorted(TopOrder::kPid, false), ElementsAre("7-0", "8-0"));
    EXPECT_THAT(sorted(TopOrder::kCommand, false), ElementsAre("8-0", "7-0"));
}

TEST(Top, MarksClientsThatGrow) {
    Figures now = figures(3 * kMega, kMega);
    now.growing = {{"8-0", kMega}};
    const auto lines = top_lines(now, now, {});
    EXPECT_EQ(lines.clients[0].kind, LineKind::kPlain);
    EXPECT_EQ(lines.clients[1].kind, LineKind::kAlarm);
    EXPECT_THAT(lines.clients[1].text, ::testing::EndsWith("sf 1.0M  (1.0M without a free)"));
}

}  // namespace
}  // namespace ion::views
