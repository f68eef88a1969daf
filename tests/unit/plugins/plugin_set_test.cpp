// SPDX-License-Identifier: Apache-2.0

#include "plugins/plugin_set.h"

#include <gmock/gmock.h>

#include "heaps/heap_catalog.h"
#include "tests/unit/plugins/plugin_testing.h"

namespace ion {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(PluginPath, IsAFileOfTheLibrarysDirectoryForAName) {
    EXPECT_EQ(plugin_path("/opt/x.so"), "/opt/x.so");
    EXPECT_EQ(plugin_path("./x.so"), "./x.so");
    EXPECT_THAT(plugin_path("buddy"), EndsWith("/iond/heaps/buddy.so"));
}

TEST(PluginSet, BeginsWithTheBuiltinTypes) {
    const PluginSet set;
    EXPECT_EQ(set.types().size(), builtin_heap_types().size());
    EXPECT_EQ(set.owner_of("system"), nullptr);
}

TEST(PluginSet, AddsEachFileOnce) {
    const std::vector<std::string> words{test_plugin("unruly"), test_plugin("unruly")};
    const auto set = make_plugin_set(words, load_plugin);
    ASSERT_TRUE(set) << set.error().context;
    EXPECT_EQ(set->plugins().size(), 1U);
    ASSERT_NE(find_heap_type(set->types(), "unruly"), nullptr);
    EXPECT_EQ(set->owner_of("unruly"), set->at(test_plugin("unruly")).get());
    EXPECT_EQ(set->at("elsewhere"), nullptr);
}

TEST(PluginSet, RefusesATypeNameThatIsTaken) {
    const std::vector<std::string> builtin{test_plugin("bad_taken")};
    const auto one = make_plugin_set(builtin, load_plugin);
    ASSERT_FALSE(one);
    EXPECT_THAT(one.error().context,
                HasSubstr(test_plugin("bad_taken") + ": heap type \"system\" is taken by a built-in one"));
    const std::vector<std::string> twice{test_plugin("unruly"), test_plugin("unruly_rebuilt")};
    const auto two = make_plugin_set(twice, load_plugin);
    ASSERT_FALSE(two);
    EXPECT_THAT(two.error().context, HasSubstr("heap type \"unruly\" is taken by " + test_plugin("unruly")));
}

TEST(PluginSet, SaysWhyAPluginCannotBeHad) {
    const std::vector<std::string> words{"/no/such.so"};
    const auto set = make_plugin_set(words, load_plugin);
    ASSERT_FALSE(set);
    EXPECT_THAT(set.error().context, HasSubstr("/no/such.so"));
}

}  // namespace
}  // namespace ion
