// SPDX-License-Identifier: Apache-2.0

#include "heaps/content_protection.h"

#include <gtest/gtest.h>

#include "tests/unit/heaps/fake_trust_zone.h"

namespace ion {
namespace {

constexpr PlacedRange kSecured{.base = 0x40000000, .size = 1 << 20};

class ContentProtectionTest : public ::testing::Test {
  protected:
    static int error_of(const Result<void>& result) { return result ? 0 : result.error().code; }

    TrustZoneScript script_;
    ContentProtection protection_{{.secured = kSecured, .permission = ContentPermission::kVideoFirmware},
                                  std::make_unique<FakeTrustZone>(script_)};
};

TEST_F(ContentProtectionTest, LocksWithTheFirstCallAndUnlocksWithTheLast) {
    EXPECT_TRUE(protection_.secure());
    EXPECT_TRUE(protection_.secure());
    EXPECT_TRUE(protection_.unsecure());
    EXPECT_TRUE(script_.locked);
    EXPECT_EQ(script_.calls, 1);
    EXPECT_EQ(script_.range, kSecured);
    EXPECT_EQ(script_.permission, ContentPermission::kVideoFirmware);
    EXPECT_TRUE(protection_.unsecure());
    EXPECT_FALSE(script_.locked);
    EXPECT_FALSE(protection_.is_protected());
}

TEST_F(ContentProtectionTest, DoesNotCountALockThatFailed) {
    script_.failure = EACCES;
    EXPECT_EQ(error_of(protection_.secure()), EACCES);
    EXPECT_EQ(protection_.protect_count(), 0U);
    EXPECT_FALSE(protection_.is_protected());
    script_.failure = 0;
    EXPECT_TRUE(protection_.secure());
    EXPECT_EQ(protection_.protect_count(), 1U);
}

TEST_F(ContentProtectionTest, StaysProtectedWhenTheUnlockFailed) {
    ASSERT_TRUE(protection_.secure());
    script_.failure = EIO;
    EXPECT_EQ(error_of(protection_.unsecure()), EIO);
    EXPECT_EQ(protection_.protect_count(), 0U);
    EXPECT_TRUE(protection_.is_protected());
    EXPECT_EQ(error_of(protection_.map_user()), EAGAIN);

    script_.failure = 0;
    ASSERT_TRUE(protection_.secure()) << "the way out";
    ASSERT_TRUE(protection_.unsecure());
    EXPECT_FALSE(protection_.is_protected());
}

TEST_F(ContentProtectionTest, AnUnsecureTooManyDoesNothing) {
    EXPECT_TRUE(protection_.unsecure());
    EXPECT_EQ(script_.calls, 0);
    EXPECT_TRUE(protection_.secure());
    EXPECT_TRUE(script_.locked) << "the count did not go below 0";
}

TEST_F(ContentProtectionTest, IsRefusedWhileAProgramOrACachedMappingSeesTheHeap) {
    ASSERT_TRUE(protection_.map_user());
    EXPECT_EQ(error_of(protection_.secure()), EINVAL);
    protection_.unmap_user();
    protection_.kernel_mapped(true);
    EXPECT_EQ(error_of(protection_.secure()), EINVAL);
    protection_.kernel_unmapped(true);
    protection_.kernel_mapped(false);
    EXPECT_EQ(error_of(protection_.secure()), 0);
    EXPECT_EQ(protection_.kernel_mappings(), 1U);
}

TEST_F(ContentProtectionTest, AllowsUncachedKernelMappingsAloneWhileProtected) {
    EXPECT_EQ(error_of(protection_.may_map_kernel(true)), 0);
    ASSERT_TRUE(protection_.secure());
    EXPECT_EQ(error_of(protection_.may_map_kernel(true)), EAGAIN);
    EXPECT_EQ(error_of(protection_.may_map_kernel(false)), 0);
    EXPECT_EQ(error_of(protection_.map_user()), EAGAIN);
    EXPECT_EQ(protection_.user_mappings(), 0U);
}

TEST_F(ContentProtectionTest, KeepsProtectedMemoryForSecureAllocations) {
    EXPECT_EQ(error_of(protection_.may_allocate(0)), 0);
    ASSERT_TRUE(protection_.secure());
    EXPECT_EQ(error_of(protection_.may_allocate(0)), ENOMEM);
    EXPECT_EQ(error_of(protection_.may_allocate(kFlagForceContiguous)), ENOMEM);
    EXPECT_EQ(error_of(protection_.may_allocate(kFlagSecure)), 0);
}

TEST_F(ContentProtectionTest, HasNoSecureMemoryThatCouldBeSeen) {
    ASSERT_TRUE(protection_.map_user());
    EXPECT_EQ(error_of(protection_.may_allocate(kFlagSecure)), ENOMEM);
    EXPECT_EQ(error_of(protection_.may_allocate(0)), 0);
    protection_.unmap_user();
    protection_.kernel_mapped(false);
    EXPECT_EQ(error_of(protection_.may_allocate(kFlagSecure)), 0);
    protection_.kernel_mapped(true);
    EXPECT_EQ(error_of(protection_.may_allocate(kFlagSecure)), ENOMEM);
}

TEST_F(ContentProtectionTest, ServesSecureAndContiguousAloneWhereToldSo) {
    const ContentProtection strict({.secured = kSecured, .no_nonsecure_alloc = true},
                                   std::make_unique<FakeTrustZone>(script_));
    EXPECT_EQ(error_of(strict.may_allocate(kFlagCached)), ENOMEM);
    EXPECT_EQ(error_of(strict.may_allocate(kFlagSecure)), 0);
    EXPECT_EQ(error_of(strict.may_allocate(kFlagForceContiguous)), 0);
}

}  // namespace
}  // namespace ion
