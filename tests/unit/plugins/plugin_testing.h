// SPDX-License-Identifier: Apache-2.0
//
// Loading plug-ins of this build in tests.

#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "plugins/loaded_plugin.h"

namespace ion {

inline std::string test_plugin(const std::string& name) {
    return ION_BINARY_DIR "/lib/" + name + ".so";
}

inline Result<std::shared_ptr<const LoadedPlugin>> load_plugin(const std::string& path) {
    static Activity activity;
    auto image = PluginImage::read(path);
    if (!image) {
        return image.error();
    }
    auto loaded = LoadedPlugin::load(*std::move(image), activity);
    EXPECT_EQ(activity_text(activity), "");
    return loaded;
}

/// A directory of its own for each test, removed afterwards.
class WithDirectory : public testing::Test {
  protected:
    WithDirectory() {
        std::string pattern = testing::TempDir() + "iond-plugin-XXXXXX";
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    ~WithDirectory() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }

    std::filesystem::path directory_;
};

}  // namespace ion
