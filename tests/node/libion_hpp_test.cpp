// SPDX-License-Identifier: Apache-2.0
//
// <ion/ion.hpp> before the daemon: who owns what, and what is thrown.

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <ion/ion.hpp>
#include <type_traits>

#include "tests/node/daemon_fixture.h"
#include "tests/node/device_in_environment.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr std::size_t kSize = 10'000;
constexpr std::size_t kRounded = 12'288;
constexpr unsigned int kSystem = ION_HEAP_SYSTEM_MASK;

static_assert(!std::is_copy_constructible_v<Device> && std::is_nothrow_move_constructible_v<Device>);
static_assert(!std::is_copy_constructible_v<Buffer> && std::is_nothrow_move_assignable_v<Buffer>);
static_assert(!std::is_copy_constructible_v<Mapping> && std::is_nothrow_move_assignable_v<Mapping>);
static_assert(!std::is_move_constructible_v<SyncScope>);

/// The errno that `action` throws; 0 when it throws nothing.
template <typename Action>
int thrown(Action action) {
    try {
        action();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().category(), std::generic_category());
        return error.code().value();
    }
    return 0;
}

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

class LibionHpp : public ::testing::Test {
  protected:
    ~LibionHpp() override {
        device = Device(-1);
        EXPECT_TRUE(daemon.wait_until_empty());
    }

    Daemon daemon;
    Device device{daemon.device()};
};

TEST_F(LibionHpp, AllocatesMapsAndSyncs) {
    const Buffer buffer = device.allocate(kSize, kSystem);
    const Mapping memory = buffer.map();
    ASSERT_EQ(memory.size(), kRounded);
    {
        SyncScope writing(buffer, Access::kWrite);
        std::memset(memory.data(), 0x5A, memory.size());
        writing.end();
    }
    const Mapping second = buffer.map(PROT_READ);
    const SyncScope reading(buffer, Access::kRead);
    EXPECT_EQ(second.data()[kRounded - 1], std::byte{0x5A});
}

/// Bytes of the mapping at `address` that this process's page tables have, from /proc/self/smaps.
std::int64_t present_bytes(const void* address) {
    const std::string all = read_file("/proc/self/smaps");
    const auto at = all.find(fmt::format("\n{:08x}-", reinterpret_cast<std::uintptr_t>(address)));
    return at == std::string::npos ? -1
                                   : 1024 * figure(all.substr(at, all.find("VmFlags:", at) - at), "Rss:");
}

TEST(LibionMapping, HasItsPagesAtOnce) {
    const Daemon daemon({.config = "preset = \"none\"\n[[heap]]\ntype = \"system\"\nname = \"system\"\n"
                                   "exporters = [\"memfd\"]\n"});  // a dma-buf's pages are not counted
    const Device device(daemon.device());
    const Buffer buffer = device.allocate(kSize, kSystem);

    const Mapping memory = buffer.map();

    EXPECT_EQ(present_bytes(memory.data()), static_cast<std::int64_t>(kRounded));
}

TEST_F(LibionHpp, FindsTheDeviceAsIonOpenDoes) {
    const DeviceInEnvironment environment(daemon);
    const Device found;
    EXPECT_FALSE(found.is_legacy());
    EXPECT_EQ(found.heaps().size(), 5U);
}

TEST_F(LibionHpp, ListsHeapsByDescendingId) {
    const auto heaps = device.heaps();
    ASSERT_EQ(heaps.size(), 5U);
    EXPECT_STREQ(heaps[0].name, "cma");
    EXPECT_STREQ(heaps[4].name, "system");
}

TEST_F(LibionHpp, ClosesWhatItOwns) {
    int number = -1;
    {
        Buffer buffer = device.allocate(kSize, kSystem);
        number = buffer.fd();
        Buffer moved(std::move(buffer));
        EXPECT_EQ(moved.fd(), number);
        EXPECT_EQ(moved.size(), kRounded);
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
    {
        Buffer buffer = device.allocate(kSize, kSystem);
        number = buffer.release();
    }
    EXPECT_TRUE(is_open(number));
    EXPECT_EQ(Buffer(number).size(), kRounded) << "as one that came through a socket";
    EXPECT_FALSE(is_open(number));
}

TEST_F(LibionHpp, AssignsByGivingUpTheFormer) {
    Buffer buffer = device.allocate(kSize, kSystem);
    const int former = buffer.fd();
    Mapping memory = buffer.map();
    memory.data()[0] = std::byte{1};

    buffer = device.allocate(4096, kSystem);
    EXPECT_FALSE(is_open(former));
    EXPECT_EQ(buffer.size(), 4096U);
    EXPECT_EQ(memory.data()[0], std::byte{1}) << "a mapping outlives its buffer";

    memory = buffer.map();
    EXPECT_EQ(memory.size(), 4096U);
    EXPECT_EQ(memory.data()[0], std::byte{0});
}

TEST_F(LibionHpp, ThrowsTheErrnoOfWhatFailed) {
    EXPECT_EQ(thrown([] { Device("/nowhere"); }), ENOENT);
    EXPECT_EQ(thrown([&] { (void)device.allocate(0, kSystem); }), EINVAL);
    EXPECT_EQ(thrown([&] { (void)device.allocate(kSize, 1U << 20); }), ENODEV);
    const int reader = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(thrown([&] { Mapping(reader, 4096, PROT_READ); }), ENODEV);
    EXPECT_EQ(thrown([&] { (void)Device(reader).heaps(); }), ENOTTY);
    EXPECT_FALSE(is_open(reader));
}

TEST_F(LibionHpp, ClosesADescriptorThatIsNoBuffer) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    EXPECT_EQ(thrown([&] { Buffer{ends[0]}; }), ESPIPE);
    EXPECT_FALSE(is_open(ends[0]));
    ::close(ends[1]);
}

}  // namespace
}  // namespace ion::test
