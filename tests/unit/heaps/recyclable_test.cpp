// SPDX-License-Identifier: Apache-2.0

#include "heaps/recyclable.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "heaps/memfd.h"

namespace ion {
namespace {

TEST(Recyclable, AMemfdIsNot) {
    const auto memory = MemfdMemory::create(4096);
    ASSERT_TRUE(memory);
    EXPECT_FALSE(recyclable(**memory));
}

/// Why it is not, as a client would do it.
TEST(Recyclable, APathDescriptorOfAnIdleMemfdLeadsBackToIt) {
    const auto memory = MemfdMemory::create(4096);
    ASSERT_TRUE(memory);
    auto exported = (*memory)->open_export();
    ASSERT_TRUE(exported);
    const auto path_of = [](int fd) { return "/proc/self/fd/" + std::to_string(fd); };
    const UniqueFd kept(::open(path_of(exported->get()).c_str(), O_PATH | O_CLOEXEC));
    ASSERT_TRUE(kept);
    exported->reset();
    EXPECT_TRUE((*memory)->idle());

    const UniqueFd again(::open(path_of(kept.get()).c_str(), O_RDWR | O_CLOEXEC));

    EXPECT_TRUE(again);
}

}  // namespace
}  // namespace ion
