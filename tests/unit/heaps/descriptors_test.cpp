// SPDX-License-Identifier: Apache-2.0

#include "heaps/descriptors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/heaps/heap_testing.h"

namespace ion {
namespace {

using ::testing::HasSubstr;

TEST(Descriptors, AFullTableOfTheDaemonIsNoMemory) {
    const Error error = descriptor_error(EMFILE, "memfd_create");
    EXPECT_EQ(error.code, ENOMEM);
    EXPECT_EQ(error.context, "memfd_create: the daemon's descriptor table is full");
}

TEST(Descriptors, AFullTableOfTheSystemIsNoMemory) {
    const Error error = descriptor_error(ENFILE, "memfd_create");
    EXPECT_EQ(error.code, ENOMEM);
    EXPECT_EQ(error.context, "memfd_create: the system's descriptor table is full");
}

TEST(Descriptors, OtherErrorsKeepTheirCode) {
    EXPECT_EQ(descriptor_error(EINVAL, "call").code, EINVAL);
}

TEST(Descriptors, ASpareOneIsFoundWhenThereIsExactlyOne) {
    const FullDescriptorTable table(1);
    EXPECT_TRUE(require_spare_descriptor());
}

TEST(Descriptors, NoSpareOneIsAnErrorWhenTheTableIsFull) {
    const FullDescriptorTable table(0);
    const auto spare = require_spare_descriptor();
    ASSERT_FALSE(spare);
    EXPECT_EQ(spare.error().code, ENOMEM);
}

TEST(Descriptors, AMissingDeviceNamesItsRemedy) {
    const auto device = open_device("/nonexistent/udmabuf", "load the kernel module: modprobe udmabuf");
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, ENODEV);
    EXPECT_EQ(device.error().context,
              "/nonexistent/udmabuf is missing; load the kernel module: modprobe udmabuf");
}

TEST(Descriptors, AReopenedOneIsAnotherDescriptionOfTheSameObject) {
    const auto memfd = make_sealed_memfd("test", 4096);
    ASSERT_TRUE(memfd);

    const auto again = reopen(memfd->get());

    ASSERT_TRUE(again);
    EXPECT_EQ(*file_id_of(again->get()), *file_id_of(memfd->get()));
    ASSERT_EQ(::lseek(memfd->get(), 100, SEEK_SET), 100);
    EXPECT_EQ(::lseek(again->get(), 0, SEEK_CUR), 0);
}

}  // namespace
}  // namespace ion
