// SPDX-License-Identifier: Apache-2.0
//
// docs/configuration.md against the parser: the same keys, and examples that it accepts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "daemon/config/document.h"
#include "heaps/heap_catalog.h"
#include "tests/unit/config/config_testing.h"

namespace ion {
namespace {

std::string documentation() {
    std::ifstream file(ION_SOURCE_DIR "/docs/configuration.md");
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The first group of each match.
std::vector<std::string> all_of(const std::string& text, const std::regex& pattern) {
    std::vector<std::string> found;
    for (auto match = std::sregex_iterator(text.begin(), text.end(), pattern);
         match != std::sregex_iterator(); ++match) {
        found.push_back((*match)[1].str());
    }
    return found;
}

TEST(Documentation, HasARowForEachKeyAndNoOther) {
    const std::regex row("(?:^|\n)\\| `([a-z_.]+)` \\|");
    EXPECT_THAT(all_of(documentation(), row), testing::UnorderedElementsAreArray(known_keys()));
}

TEST(Documentation, HasExamplesThatTheParserAccepts) {
    const auto examples = all_of(documentation(), std::regex("```toml\n([^`]*)```"));
    EXPECT_FALSE(examples.empty());
    for (const std::string& example : examples) {
        const auto config = parse({example}, builtin_heap_types());
        EXPECT_TRUE(config) << config.error().context << "\n" << example;
    }
}

}  // namespace
}  // namespace ion
