// SPDX-License-Identifier: Apache-2.0
//
// The expected texts in this folder.

#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace ion {

/// Content of a file in tests/golden; a missing one fails the test.
inline std::string golden(const std::string& name) {
    std::ifstream file(std::string(ION_SOURCE_DIR "/tests/golden/") + name);
    EXPECT_TRUE(file) << name;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace ion
