// SPDX-License-Identifier: Apache-2.0
//
// Which commands libion sends to drivers of each kind, and what it makes of their answers.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <ion/ion.h>
#include <linux/ion_4.12.h>
#include <sys/mman.h>

#include <cerrno>

#include "daemon/abi/uapi_extension.h"
#include "daemon/base/unique_fd.h"
#include "tests/unit/client/fake_driver.h"

namespace ion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kHandle = 5;
constexpr int kUntouched = -77;

class LibionTest : public ::testing::Test {
  protected:
    ~LibionTest() override { ion_close(device); }

    void be_modern() {
        driver.on<ion_new_allocation_data>(ION_IOC_NEW_ALLOC, [this](auto& data) {
            data.fd = static_cast<__u32>(::fcntl(memory.get(), F_DUPFD_CLOEXEC, 0));
        });
    }
    void be_legacy() {
        driver.fail(ION_IOC_FREE, EINVAL);
        driver.on<ion_allocation_data>(ION_IOC_ALLOC, [](auto& data) { data.handle = kHandle; });
        for (const unsigned long command : {ION_IOC_SHARE, ION_IOC_MAP}) {
            driver.on<ion_fd_data>(
                command, [this](auto& data) { data.fd = ::fcntl(memory.get(), F_DUPFD_CLOEXEC, 0); });
        }
        driver.on<ion_fd_data>(ION_IOC_IMPORT, [](auto& data) { data.handle = kHandle; });
        EXPECT_EQ(ion_is_legacy(device), 1);
        driver.on<ion_handle_data>(ION_IOC_FREE, [this](auto& data) { freed = data.handle; });
        (void)driver.take_calls();
    }
    int alloc_fd() {
        fd = kUntouched;
        const int result = ion_alloc_fd(device, 4096, 0, 1, 0, &fd);
        buffer.reset(result == 0 ? fd : -1);
        return result;
    }

    FakeDriver driver;
    UniqueFd memory{::memfd_create("buffer", MFD_CLOEXEC)};
    int device = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fd = kUntouched;
    int freed = kUntouched;
    UniqueFd buffer;
};

TEST_F(LibionTest, AsksAModernKernelOnceWhatItIsAndWhetherItHasChannels) {
    be_modern();
    EXPECT_EQ(alloc_fd(), 0);
    EXPECT_THAT(driver.take_calls(), ElementsAre(ION_IOC_FREE, ION_IOC_CHANNEL_OPEN, ION_IOC_NEW_ALLOC));
    EXPECT_EQ(alloc_fd(), 0);
    EXPECT_THAT(driver.take_calls(), ElementsAre(ION_IOC_NEW_ALLOC));
}

TEST_F(LibionTest, RefusesCallsWithHandlesOfModernDriversItself) {
    be_modern();
    EXPECT_EQ(ion_is_legacy(device), 0);
    (void)driver.take_calls();
    int number = kUntouched;
    unsigned char* address = nullptr;
    EXPECT_EQ(ion_alloc(device, 4096, 0, 1, 0, &number), -EINVAL);
    EXPECT_EQ(ion_share(device, 1, &number), -EINVAL);
    EXPECT_EQ(ion_import(device, 1, &number), -EINVAL);
    EXPECT_EQ(ion_map(device, 1, 4096, PROT_READ, MAP_SHARED, 0, &address, &number), -EINVAL);
    EXPECT_EQ(ion_sync_fd(device, 1), -EINVAL);
    EXPECT_EQ(number, kUntouched);
    EXPECT_THAT(driver.take_calls(), IsEmpty());
}

TEST_F(LibionTest, AllocatesShareAndFreesWhereThereAreHandles) {
    be_legacy();
    EXPECT_EQ(alloc_fd(), 0);
    EXPECT_THAT(driver.take_calls(),
                ElementsAre(ION_IOC_ALLOC, ION_IOC_CHANNEL_OPEN, ION_IOC_SHARE, ION_IOC_FREE));
    EXPECT_EQ(freed, kHandle);
}

TEST_F(LibionTest, FreesTheHandleAlsoWhenItCannotBeShared) {
    be_legacy();
    driver.fail(ION_IOC_SHARE, EMFILE);
    EXPECT_EQ(alloc_fd(), -EMFILE);
    EXPECT_EQ(freed, kHandle);
    EXPECT_EQ(fd, kUntouched);
}

TEST_F(LibionTest, TakesANegativeDescriptorForTheErrorThatItIs) {
    be_legacy();
    driver.on<ion_fd_data>(ION_IOC_SHARE, [](auto& data) { data.fd = -ENFILE; });
    int shared = kUntouched;
    EXPECT_EQ(ion_share(device, kHandle, &shared), -ENFILE);
    EXPECT_EQ(shared, kUntouched);
}

TEST_F(LibionTest, TakesANullHandleForTheErrorThatItIs) {
    be_legacy();
    driver.on<ion_fd_data>(ION_IOC_IMPORT, [](auto& data) { data.handle = 0; });
    ion_user_handle_t handle = kUntouched;
    EXPECT_EQ(ion_import(device, 3, &handle), -EINVAL);
    EXPECT_EQ(handle, kUntouched);
}

TEST_F(LibionTest, ClosesTheDescriptorOfAMappingThatFails) {
    be_legacy();
    unsigned char* address = nullptr;
    int mapped = kUntouched;
    const int expected = ::fcntl(memory.get(), F_DUPFD_CLOEXEC, 0);
    ::close(expected);
    EXPECT_EQ(ion_map(device, kHandle, 0, PROT_READ, MAP_SHARED, 0, &address, &mapped), -EINVAL);
    EXPECT_EQ(mapped, kUntouched);
    EXPECT_EQ(::fcntl(expected, F_GETFD), -1);
}

TEST_F(LibionTest, AsksAgainWhenTheDeviceWasClosed) {
    be_modern();
    EXPECT_EQ(ion_is_legacy(device), 0);
    const int number = device;
    EXPECT_EQ(ion_close(device), 0);
    device = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ASSERT_EQ(device, number);
    driver.fail(ION_IOC_FREE, EINVAL);
    EXPECT_EQ(ion_is_legacy(device), 1);
}

TEST_F(LibionTest, ForgetsWhatTheDriverContradicts) {
    be_modern();
    EXPECT_EQ(alloc_fd(), 0);
    be_modern();
    driver.fail(ION_IOC_NEW_ALLOC, ENOTTY);
    driver.fail(ION_IOC_FREE, EINVAL);
    EXPECT_EQ(alloc_fd(), -ENOTTY);
    EXPECT_EQ(ion_is_legacy(device), 1);
}

TEST_F(LibionTest, DoesNotRememberWhatAClosedDescriptorSaid) {
    driver.fail(ION_IOC_FREE, EBADF);
    EXPECT_EQ(ion_is_legacy(device), 1) << "as Android's says";
    be_modern();
    driver.fail(ION_IOC_FREE, ENOTTY);
    EXPECT_EQ(ion_is_legacy(device), 0);
}

TEST_F(LibionTest, TriesAChannelAgainThatCouldNotBeHadForTheMoment) {
    be_modern();
    driver.fail(ION_IOC_CHANNEL_OPEN, ENOMEM);
    EXPECT_EQ(alloc_fd(), 0);
    EXPECT_THAT(driver.take_calls(), ElementsAre(ION_IOC_FREE, ION_IOC_CHANNEL_OPEN, ION_IOC_NEW_ALLOC));
    driver.fail(ION_IOC_CHANNEL_OPEN, EPERM);
    EXPECT_EQ(alloc_fd(), 0);
    EXPECT_THAT(driver.take_calls(), ElementsAre(ION_IOC_CHANNEL_OPEN, ION_IOC_NEW_ALLOC));
    EXPECT_EQ(alloc_fd(), 0);
    EXPECT_THAT(driver.take_calls(), ElementsAre(ION_IOC_NEW_ALLOC)) << "a refusal stays";
}

class LostChannel : public LibionTest, public ::testing::WithParamInterface<int> {};

TEST_P(LostChannel, IsOpenedOnceMoreAndThenDoneWithout) {
    be_modern();
    driver.on<ion_channel_open_data>(ION_IOC_CHANNEL_OPEN, [](auto& /*data*/) {});
    driver.fail(ION_IOC_CHANNEL_ALLOC, GetParam());
    EXPECT_EQ(alloc_fd(), 0);
    EXPECT_THAT(driver.take_calls(),
                ElementsAre(ION_IOC_FREE, ION_IOC_CHANNEL_OPEN, ION_IOC_CHANNEL_ALLOC, ION_IOC_CHANNEL_OPEN,
                            ION_IOC_CHANNEL_ALLOC, ION_IOC_NEW_ALLOC));
}

INSTANTIATE_TEST_SUITE_P(Errors, LostChannel, ::testing::Values(ENOTCONN, EPIPE, ECONNRESET, EAGAIN));

TEST_F(LibionTest, DoesWithoutAChannelWhoseMessageDidNotCome) {
    be_modern();
    driver.on<ion_channel_open_data>(ION_IOC_CHANNEL_OPEN, [](auto& /*data*/) {});
    driver.on<ion_channel_alloc_data>(ION_IOC_CHANNEL_ALLOC, [](auto& data) { data.token = 9; });
    EXPECT_EQ(alloc_fd(), 0);
}

TEST_F(LibionTest, PassesTheErrorsOfTheCommandOn) {
    be_modern();
    driver.on<ion_channel_open_data>(ION_IOC_CHANNEL_OPEN, [](auto& /*data*/) {});
    for (const int error : {EINVAL, ENODEV, ENOMEM, EMFILE, EBADF}) {
        driver.fail(ION_IOC_CHANNEL_ALLOC, error);
        EXPECT_EQ(alloc_fd(), -error);
    }
}

}  // namespace
}  // namespace ion::test
