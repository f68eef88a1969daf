// SPDX-License-Identifier: Apache-2.0
//
// What is loaded, and what is refused: each refusal names the file and says what is wrong with it.

#include <gmock/gmock.h>

#include <fstream>

#include "heaps/heap_catalog.h"
#include "tests/unit/plugins/plugin_testing.h"

namespace ion {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class LoadPlugin : public WithDirectory {};

void expect_refused(const std::string& file, const std::string& reason) {
    const auto loaded = load_plugin(file);
    ASSERT_FALSE(loaded) << file;
    EXPECT_THAT(loaded.error().context, StartsWith("plug-in " + file + ": "));
    EXPECT_THAT(loaded.error().context, HasSubstr(reason));
}

TEST_F(LoadPlugin, GivesItsTypesAndTheyWork) {
    const auto plugin = load_plugin(test_plugin("unruly"));
    ASSERT_TRUE(plugin) << plugin.error().context;
    EXPECT_EQ((*plugin)->title(), "unruly 1");
    ASSERT_EQ((*plugin)->types().size(), 1U);
    const HeapType& type = (*plugin)->types().front();
    EXPECT_EQ(type.name, "unruly");
    auto heap = type.make({.id = 1,
                           .name = "x",
                           .base = 1 << 20,
                           .size = 1 << 20,
                           .exporters = {ExporterKind::kMemfd},
                           .arena = UniqueFd()});
    ASSERT_TRUE(heap) << heap.error().context;
    const auto buffer = (*heap)->allocate({.size_bytes = 8192});
    ASSERT_TRUE(buffer) << buffer.error().context;
    EXPECT_EQ((*buffer)->placement().front(), (PlacedRange{1 << 20, 8192}));
}

TEST_F(LoadPlugin, LoadsARebuiltFileOfTheSameName) {
    const auto file = path("heap.so");
    std::filesystem::copy_file(test_plugin("unruly"), file);
    const auto before = load_plugin(file);
    std::filesystem::remove(file);
    std::filesystem::copy_file(test_plugin("unruly_rebuilt"), file);
    const auto after = load_plugin(file);
    const auto again = load_plugin(file);
    ASSERT_TRUE(before && after && again);
    EXPECT_EQ((*before)->title(), "unruly 1");
    EXPECT_EQ((*after)->title(), "unruly 2");
    EXPECT_FALSE((*before)->image().same_bytes((*after)->image()));
    EXPECT_TRUE((*again)->image().same_bytes((*after)->image()));
}

TEST_F(LoadPlugin, StaysWhatItIsWhenItsFileIsOverwritten) {
    const auto file = path("heap.so");
    std::filesystem::copy_file(test_plugin("unruly"), file);
    const auto image = PluginImage::read(file);
    ASSERT_TRUE(image);
    std::ofstream(file) << "gone";
    const auto original = PluginImage::read(test_plugin("unruly"));
    ASSERT_TRUE(original);
    EXPECT_TRUE(image->same_bytes(*original));
}

TEST_F(LoadPlugin, RefusesAnotherInterfaceBeforeItLooksAtMore) {
    expect_refused(test_plugin("bad_version"), "version 7 of the heap interface, this is version " +
                                                   std::to_string(kHeapInterfaceVersion));
}

TEST_F(LoadPlugin, RefusesOtherHeaders) {
    expect_refused(test_plugin("bad_layout"), "was built with other headers (by " __VERSION__);
}

TEST_F(LoadPlugin, RefusesWhatIsNoPlugin) {
    expect_refused(test_plugin("bad_missing"), "has no function iond_heap_plugin");
}

TEST_F(LoadPlugin, RefusesWhatThrows) {
    expect_refused(test_plugin("bad_throw"), "iond_heap_plugin() threw: bad");
}

TEST_F(LoadPlugin, RefusesWhatNeedsAFunctionThatNobodyHas) {
    expect_refused(test_plugin("bad_symbol"), "undefined symbol: iond_nobody_has_this");
}

TEST_F(LoadPlugin, RefusesATypeWithoutAName) {
    expect_refused(test_plugin("bad_name"), "heap type 0 has no name");
}

TEST_F(LoadPlugin, RefusesATypeThatCannotBeMade) {
    expect_refused(test_plugin("bad_make"), "heap type \"bad\" has no make function");
}

TEST_F(LoadPlugin, RefusesFilesThatAreNoSharedObjects) {
    expect_refused(path("missing.so"), "No such file");
    expect_refused(directory_, "is not a regular file");
    std::ofstream(path("text.so")) << "#!/bin/sh\n";
    expect_refused(path("text.so"), "is not a shared object");
    std::ofstream(path("empty.so")).flush();
    expect_refused(path("empty.so"), "is not a shared object");
}

TEST_F(LoadPlugin, RefusesAnotherMachine) {
    constexpr std::streamoff kMachineOffset = 18;  // e_machine of an ELF file
    std::filesystem::copy_file(test_plugin("unruly"), path("other.so"));
    std::fstream file(path("other.so"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(kMachineOffset).write("\x28\0", 2);  // ARM
    file.close();
    expect_refused(path("other.so"), "another kind of machine");
}

TEST_F(LoadPlugin, RefusesACutFile) {
    std::filesystem::copy_file(test_plugin("unruly"), path("cut.so"));
    std::filesystem::resize_file(path("cut.so"), 2000);
    expect_refused(path("cut.so"), "is cut short");
}

}  // namespace
}  // namespace ion
