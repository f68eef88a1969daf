// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the configuration share: texts as files a.toml, b.toml, and what is read from them.

#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/config.h"
#include "tests/unit/config/test_types.h"

namespace ion {

/// Reads the texts as a.toml, b.toml, ...
inline Result<Config> parse(const std::vector<std::string>& texts,
                            std::span<const HeapType> types = kTestTypes) {
    std::vector<ConfigText> named;
    for (const std::string& text : texts) {
        named.push_back({std::string(1, static_cast<char>('a' + named.size())) + ".toml", text});
    }
    return parse_config(named, types);
}

/// The same; a mistake in them fails the test.
inline Config parsed(const std::vector<std::string>& texts) {
    auto config = parse(texts);
    EXPECT_TRUE(config) << config.error().context;
    return config ? *std::move(config) : Config{};
}

/// "ID TYPE NAME" of each heap.
inline std::vector<std::string> heap_lines(const Config& config) {
    std::vector<std::string> lines;
    for (const HeapConfig& heap : config.heaps) {
        lines.push_back(std::to_string(heap.id) + " " + heap.type + " " + heap.name);
    }
    return lines;
}

/// Such lines of the preset aosp, and `more` behind them.
inline std::vector<std::string> aosp_and(std::vector<std::string> more) {
    std::vector<std::string> lines{"0 system system", "1 system_contig system_contig", "2 carveout carveout",
                                   "3 chunk chunk", "4 cma cma"};
    lines.insert(lines.end(), more.begin(), more.end());
    return lines;
}

/// The heap of that name; one that fails the test when there is none.
inline HeapConfig heap_named(const Config& config, const std::string& name) {
    for (const HeapConfig& heap : config.heaps) {
        if (heap.name == name) {
            return heap;
        }
    }
    ADD_FAILURE() << "no heap " << name;
    return {};
}

/// A table of one heap: three lines, then `more`.
inline std::string heap_table(const std::string& type, const std::string& name,
                              const std::string& more = "") {
    return "[[heap]]\ntype = \"" + type + "\"\nname = \"" + name + "\"\n" + more + "\n";
}

/// A configuration that starts without heaps; one line.
inline const std::string kEmpty = "preset = \"none\"\n";

/// A mistake and what is said about it.
struct Mistake {
    std::string name;
    std::vector<std::string> texts;  ///< a.toml, b.toml, ...
    std::string message;
};

inline Mistake mistake_in(std::string name, std::string text, std::string message) {
    return {std::move(name), {std::move(text)}, std::move(message)};
}

inline void PrintTo(const Mistake& mistake, std::ostream* out) {
    *out << mistake.name;
}

inline std::string case_name(const testing::TestParamInfo<Mistake>& test) {
    return test.param.name;
}

inline void expect_refusal(const Mistake& mistake) {
    const auto config = parse(mistake.texts);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, EINVAL);
    EXPECT_EQ(config.error().context, mistake.message);
}

}  // namespace ion
