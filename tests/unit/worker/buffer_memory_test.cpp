// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/buffer_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <string>

#include "daemon/base/unique_fd.h"

namespace ion {
namespace {

constexpr std::uint64_t kSize = 8192;

class BufferMemory : public testing::Test {
  protected:
    BufferMemory() { EXPECT_EQ(::ftruncate(file_.get(), kSize), 0); }

    Result<void> write(std::uint64_t offset, const std::string& text) {
        return write_buffer(file_.get(), kSize, offset, std::as_bytes(std::span(text)));
    }

    std::string read(off_t offset, std::size_t size) {
        std::string text(size, '?');
        EXPECT_EQ(::pread(file_.get(), text.data(), size, offset), static_cast<ssize_t>(size));
        return text;
    }

    const UniqueFd file_{::memfd_create("buffer", MFD_CLOEXEC)};
};

TEST_F(BufferMemory, IsWrittenAcrossPagesAndUpToTheEnd) {
    EXPECT_TRUE(write(4094, "abcd"));
    EXPECT_TRUE(write(kSize - 2, "yz"));

    EXPECT_EQ(read(4093, 6), std::string("\0abcd\0", 6));
    EXPECT_EQ(read(kSize - 3, 3), std::string("\0yz", 3));
}

TEST_F(BufferMemory, IsNotWrittenBeyondItsEnd) {
    for (const std::uint64_t offset : {kSize - 1, kSize, std::numeric_limits<std::uint64_t>::max()}) {
        const auto written = write(offset, "ab");
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().code, EFAULT);
    }
    EXPECT_EQ(read(0, kSize), std::string(kSize, '\0'));
}

}  // namespace
}  // namespace ion
