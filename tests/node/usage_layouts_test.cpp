// SPDX-License-Identifier: Apache-2.0
//
// Usage files of the other generations, and the daemon's own, while this process itself is the client.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "daemon/abi/uapi_legacy.h"
#include "daemon/base/unique_fd.h"
#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint32_t kSystem = 1U << 0;
constexpr std::uint32_t kCarveout = 1U << 2;

class UsageLayouts : public ::testing::Test {
  protected:
    /// ALLOC with a handle; 0 or the errno.
    [[nodiscard]] int allocate(std::uint64_t length, std::uint32_t mask) {
        abi::uapi::Alloc64 wire{};
        wire.len = length;
        wire.heap_id_mask = mask;
        return ::ioctl(client_.get(), abi::uapi::kAlloc64, &wire) == 0 ? 0 : errno;
    }
    [[nodiscard]] std::string text(const std::string& file) const {
        return read_file(daemon_.usage() + "/" + file);
    }
    /// Writes `what` to a usage file; 0 or the errno of the first call that failed.
    [[nodiscard]] int write_to(const std::string& file, const std::string& what) const {
        const UniqueFd fd(::open((daemon_.usage() + "/" + file).c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
        if (!fd || ::write(fd.get(), what.data(), what.size()) != static_cast<ssize_t>(what.size())) {
            return errno;
        }
        return 0;
    }

    Daemon daemon_;
    UniqueFd client_{::open(daemon_.device().c_str(), O_RDWR | O_CLOEXEC)};
    std::string pid_ = std::to_string(::getpid());
};

TEST_F(UsageLayouts, GenerationAShowsHeapsClientsAndLeaks) {
    ASSERT_EQ(allocate(0x3000, kCarveout), 0);

    EXPECT_THAT(text("carveout"),
                HasSubstr("total bytes currently allocated: 3000\ntotal heap size: 4000000\n"));
    EXPECT_THAT(text("carveout"), HasSubstr("\nMemory Map\n"));
    EXPECT_THAT(text("carveout"), HasSubstr(" 12288 (3000)\n"));
    EXPECT_THAT(text(pid_), HasSubstr("        carveout:             3000 :                1 : "));
    EXPECT_EQ(text("check_leaked_fds"),
              "          buffer             heap             size          ref cnt\n");
    EXPECT_EQ(text("map/carveout"), text("carveout").substr(text("carveout").find("\nMemory Map")));
    client_.reset();
    EXPECT_TRUE(daemon_.wait_until_empty());
    EXPECT_EQ(text(pid_), "");
    daemon_.stop();
}

TEST_F(UsageLayouts, RefusalsSayWhoAskedForWhatAndWhy) {
    EXPECT_EQ(text("refusals"), "refused 0 shown 0\n");
    ASSERT_EQ(allocate(0x3000, kCarveout), 0);
    EXPECT_EQ(allocate(1ULL << 30, kCarveout), ENOMEM);

    const std::string refusals = text("refusals");
    EXPECT_THAT(refusals, HasSubstr("refused 1 shown 1\n#1 "));
    EXPECT_THAT(refusals, HasSubstr(" pid " + pid_ + " "));
    EXPECT_THAT(refusals, HasSubstr(": 1073741824 bytes, align 0, heap mask 0x4, flags 0x0: ENOMEM\n"));
    EXPECT_THAT(refusals, HasSubstr("  reason: carveout: full: 1073741824 bytes asked"));
    EXPECT_THAT(refusals, HasSubstr("  heap carveout: 12288 of 67108864 allocated"));
    EXPECT_THAT(refusals, HasSubstr("  holder: pid " + pid_));
    EXPECT_THAT(text("metrics"), HasSubstr("ion_refusals_total{errno=\"ENOMEM\"} 1\n"));
    client_.reset();
    daemon_.stop();
}

TEST_F(UsageLayouts, MetricsFollowTheHeaps) {
    ASSERT_EQ(allocate(0x5000, kSystem), 0);
    EXPECT_THAT(text("metrics"),
                HasSubstr("ion_heap_buffer_bytes{heap=\"system\",id=\"0\",type=\"system\"} 20480\n"));
    EXPECT_THAT(text("metrics"), HasSubstr("client=\"" + pid_ + "-0\""));
    client_.reset();
    EXPECT_TRUE(daemon_.wait_until_empty());
    EXPECT_THAT(text("metrics"),
                HasSubstr("ion_heap_buffer_bytes{heap=\"system\",id=\"0\",type=\"system\"} 0\n"));
    EXPECT_THAT(text("metrics"), Not(HasSubstr("client=\"" + pid_)));
    daemon_.stop();
}

TEST_F(UsageLayouts, ShrinkFilesTakeANumberOfPages) {
    EXPECT_EQ(write_to("heaps/system_shrink", "0\n"), 0);
    EXPECT_EQ(write_to("heaps/system_shrink", "16"), 0);
    EXPECT_EQ(text("heaps/system_shrink"), "0\n");
    EXPECT_EQ(text("counters/system/system_shrink"), "0\n");
    for (const char* mistake : {"", "x", "-1", "1 2", "99999999999999999999999"}) {
        EXPECT_EQ(write_to("heaps/system_shrink", mistake), *mistake == '\0' ? 0 : EINVAL) << mistake;
    }
    EXPECT_EQ(write_to("heaps/system", "0"), EACCES);
    client_.reset();
    daemon_.stop();
}

TEST(UsageLayoutsOf510, HaveTheHeapsDirectoriesAtTheTop) {
    Daemon daemon({.config = "personality = \"linux-5.10\"\n"});
    EXPECT_EQ(read_file(daemon.usage() + "/system/num_of_buffers"), "0\n");
    EXPECT_EQ(read_file(daemon.usage() + "/check_leaked_fds"), "");
    daemon.stop();
}

}  // namespace
}  // namespace ion::test
