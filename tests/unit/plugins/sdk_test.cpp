// SPDX-License-Identifier: Apache-2.0
//
// The documented command line builds a plug-in, from an installed SDK and from a build tree, and it can be loaded.

#include "plugins/loaded_driver.h"
#include "tests/unit/plugins/plugin_testing.h"

namespace ion {
namespace {

class Sdk : public WithDirectory {
  protected:
    void build_and_load(const std::string& pkgconfig) {
        build(pkgconfig, "/tests/plugins/unruly_heap.cpp", path("my_heap.so"));
        const auto plugin = load_plugin(path("my_heap.so"));
        ASSERT_TRUE(plugin) << plugin.error().context;
        EXPECT_EQ((*plugin)->title(), "unruly 1");
        build(pkgconfig, "/examples/drivers/blitter.cpp", path("my_driver.so"));
        static Activity activity;
        const auto driver = LoadedDriver::read(path("my_driver.so"), activity);
        ASSERT_TRUE(driver) << driver.error().context;
        EXPECT_EQ(driver->title(), "blitter 1");
    }

  private:
    static void build(const std::string& pkgconfig, const std::string& source, const std::string& output) {
        const std::string command = "cd / && PKG_CONFIG_PATH=" + pkgconfig +
                                    " && export PKG_CONFIG_PATH && g++ -std=c++20 -shared -fPIC "
                                    "$(pkg-config --cflags iond-heap) " ION_SOURCE_DIR +
                                    source + " -o " + output;
        ASSERT_EQ(std::system(command.c_str()), 0)
            << command;  // NOLINT(cert-env33-c): the documented command
    }
};

TEST_F(Sdk, WorksFromTheBuildTree) {
    build_and_load(ION_BINARY_DIR "/pkgconfig");
}

TEST_F(Sdk, WorksInstalled) {
    const std::string install =
        "cmake --install " ION_BINARY_DIR " --component sdk --prefix " + path("prefix") + " > /dev/null";
    ASSERT_EQ(std::system(install.c_str()), 0) << install;  // NOLINT(cert-env33-c)
    std::string pkgconfig;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path("prefix"))) {
        if (entry.path().filename() == "iond-heap.pc") {
            pkgconfig = entry.path().parent_path();
        }
    }
    ASSERT_NE(pkgconfig, "");
    build_and_load(pkgconfig);
}

}  // namespace
}  // namespace ion
