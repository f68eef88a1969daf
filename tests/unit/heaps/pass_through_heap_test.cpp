// SPDX-License-Identifier: Apache-2.0

#include "heaps/pass_through_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ion {
namespace {

using ::testing::HasSubstr;

Error error_for(const std::string& device) {
    HeapParameters parameters{.total_ram = 1 << 30};
    parameters.options.set("device", device);
    const auto heap = make_pass_through_heap(std::move(parameters));
    EXPECT_FALSE(heap) << device;
    return heap ? Error{} : heap.error();
}

TEST(PassThroughHeap, RefusesWhatIsNoNameOfADevice) {
    for (const char* device : {"", ".", "..", "../null", "a/b", ".hidden"}) {
        EXPECT_EQ(error_for(device).code, EINVAL) << device;
    }
}

TEST(PassThroughHeap, SaysWhichDeviceIsMissing) {
    const Error error = error_for("no such heap");
    EXPECT_EQ(error.code, ENODEV);
    EXPECT_THAT(error.context, HasSubstr("/dev/dma_heap/no such heap"));
}

}  // namespace
}  // namespace ion
