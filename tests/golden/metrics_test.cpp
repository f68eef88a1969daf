// SPDX-License-Identifier: Apache-2.0
//
// The text of `metrics` against the grammar of OpenMetrics 1.0, as far as a gauge and a counter use it.

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "daemon/usage/render_metrics.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/snapshots.h"

namespace ion {
namespace {

Snapshot busy() {
    Snapshot snapshot;
    snapshot.heaps = {heap_figures(0, "system", "system"), heap_figures(24, "carveout", "sf")};
    snapshot.heaps[1].usage = {.base = 4096, .total = 65536, .allocated = 8192, .largest_free = 57344};
    snapshot.buffers = {buffer_usage(1, 24, 4096, 1), orphan_usage(2, 24, 4096, "gone", 3),
                        buffer_usage(3, 0, 12288, 1)};
    snapshot.clients = {client_usage(1, "a\"b\\c\nd\x80", 7, {1, 3}), client_usage(2, "idle", 8, {})};
    snapshot.growing = {{ClientId{1}, "7-0", 7, "a\"b", 0, 16384}};
    snapshot.refusal_totals = {{ENOMEM, 3}, {EINVAL, 1}};
    snapshot.faults = {{{"slow", FaultCommand::kAny, "", "", 1, 1, 0, 0, 0, 250}, {7, 3}}};
    return snapshot;
}

/// The first mistake, or nothing.
std::string mistake(const std::string& text) {
    static const std::regex head("# (TYPE|UNIT|HELP) ([a-z_]+) (.+)");
    static const std::regex sample(
        R"(([a-z_]+)(\{([a-z]+="([^"\\\n]|\\["\\n])*")(,[a-z]+="([^"\\\n]|\\["\\n])*")*\})? [0-9]+)");
    std::set<std::string> families;
    std::set<std::string> samples;
    std::string family;
    std::string type;
    std::istringstream lines(text);
    std::smatch found;
    for (std::string line; std::getline(lines, line);) {
        if (line == "# EOF") {
            return lines.peek() == EOF && text.ends_with("# EOF\n") ? "" : "text behind the end";
        }
        if (std::regex_match(line, found, head)) {
            if (found[1] == "TYPE") {
                family = found[2];
                type = found[3];
                if (!families.insert(family).second) {
                    return "a family twice: " + line;
                }
            } else if (found[2] != family) {
                return "of another family: " + line;
            } else if (found[1] == "UNIT" && !family.ends_with("_" + found[3].str())) {
                return "the name does not end in its unit: " + line;
            }
        } else if (std::regex_match(line, found, sample)) {
            if (found[1] != family + (type == "counter" ? "_total" : "")) {
                return "of another family: " + line;
            }
            if (!samples.insert(line.substr(0, line.rfind(' '))).second) {
                return "a sample twice: " + line;
            }
        } else {
            return "neither head nor sample: " + line;
        }
    }
    return "no end";
}

TEST(Metrics, FollowTheFormat) {
    EXPECT_EQ(mistake(render_metrics(busy())), "");
    EXPECT_EQ(mistake(render_metrics(Snapshot{})), "");
}

TEST(Metrics, FormatCheckFindsMistakes) {
    const std::string good = render_metrics(busy());
    EXPECT_NE(mistake(good.substr(0, good.size() - 6)), "");
    EXPECT_NE(mistake("x{a=\"\n\"} 1\n# EOF\n"), "");
    EXPECT_NE(mistake("# TYPE a gauge\nb 1\n# EOF\n"), "");
    EXPECT_NE(mistake("# TYPE a gauge\n# TYPE a gauge\n# EOF\n"), "");
    EXPECT_NE(mistake("# TYPE a gauge\na 1\na 2\n# EOF\n"), "");
    EXPECT_NE(mistake("# TYPE a counter\na 1\n# EOF\n"), "");
}

TEST(Metrics, AreWhatTheyWere) {
    EXPECT_EQ(render_metrics(busy()), golden("metrics.txt"));
}

}  // namespace
}  // namespace ion
