// SPDX-License-Identifier: Apache-2.0
//
// A fuzzer's corpus (ION_CORPUS) as a test for every compiler: each input must still keep the fuzzer's promises.

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

TEST(Corpus, KeepsTheFuzzersPromises) {
    int replayed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(ION_CORPUS)) {
        SCOPED_TRACE(entry.path());
        std::ifstream file(entry.path(), std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
        const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
        EXPECT_EQ(LLVMFuzzerTestOneInput(input.data(), input.size()), 0);
        ++replayed;
    }
    EXPECT_GT(replayed, 10) << "the corpus is missing";
}

}  // namespace
