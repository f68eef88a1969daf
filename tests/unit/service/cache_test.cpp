// SPDX-License-Identifier: Apache-2.0
//
// Cache maintenance of the msm trees: its checks, and their order.

#include "tests/unit/service/service_testing.h"

namespace ion {
namespace {

constexpr FileId kForeign{77, 88};

/// How the three families of commands differ.
struct Family {
    const char* name;
    bool null_address_allowed;
    bool import_before_range;
};
constexpr Family kFamilies[] = {
    {"'I' 7 to 9", false, false}, {"'I' 20 to 22", false, true}, {"'M'", true, false}};

abi::CacheMaintenance request_of(const Family& family, std::uint64_t handle) {
    abi::CacheMaintenance request;
    request.handle = handle;
    request.fd = 5;
    request.address = 0x10000;
    request.length = 4096;
    request.null_address_allowed = family.null_address_allowed;
    request.import_before_range = family.import_before_range;
    return request;
}

CallerFacts range(int error, CallerFacts facts = {}) {
    facts.range_error = error;
    return facts;
}

class Cache : public ServiceTest {
  protected:
    Cache() : buffer(allocate(client).first) {}

    BufferId buffer;  // handle 1
};

TEST_F(Cache, ByHandleChecksTheRangeFirst) {
    for (const Family& family : kFamilies) {
        SCOPED_TRACE(family.name);
        for (const std::uint64_t handle : {1ULL, 2ULL}) {
            const auto request = request_of(family, handle);
            const auto check = std::get<NeedRangeCheck>(serve(request));
            EXPECT_EQ(check.address, 0x10000U);
            EXPECT_EQ(check.length, 4096U);
            EXPECT_EQ(plain_error_of(request, range(EFAULT)), EINVAL);
            EXPECT_EQ(plain_error_of(request, range(0)), handle == 1 ? 0 : EINVAL);
        }
    }
}

TEST_F(Cache, ByDescriptorLooksAtItAtThatFamilysTime) {
    for (const Family& family : kFamilies) {
        SCOPED_TRACE(family.name);
        for (const std::uint64_t handle :
             {std::uint64_t{0}, ~std::uint64_t{0}}) {  // "negative": by descriptor, too
            const auto request = request_of(family, handle);
            const CallerFacts ours = identity(file_of(buffer));
            if (family.import_before_range) {
                EXPECT_EQ(std::get<NeedIdentity>(serve(request)).fd, 5);
                EXPECT_EQ(plain_error_of(request, identity(kForeign)), EINVAL)
                    << "the range is not looked at";
                EXPECT_TRUE(std::holds_alternative<NeedRangeCheck>(serve(request, ours)));
            } else {
                EXPECT_TRUE(std::holds_alternative<NeedRangeCheck>(serve(request)));
                EXPECT_EQ(plain_error_of(request, range(EFAULT)), EINVAL)
                    << "the descriptor is not looked at";
                EXPECT_EQ(std::get<NeedIdentity>(serve(request, range(0))).fd, 5);
            }
            EXPECT_EQ(plain_error_of(request, range(0, ours)), 0);
            EXPECT_EQ(plain_error_of(request, range(EFAULT, ours)), EINVAL);
            EXPECT_EQ(plain_error_of(request, range(0, identity(kForeign))), EINVAL);
            EXPECT_EQ(plain_error_of(request, range(0, no_descriptor())), EINVAL) << "not EBADF";
        }
    }
}

TEST_F(Cache, WithoutAddressDependsOnTheFamily) {
    for (const Family& family : kFamilies) {
        auto request = request_of(family, 1);
        request.address = 0;
        EXPECT_EQ(plain_error_of(request), family.null_address_allowed ? 0 : EINVAL) << family.name;
    }
}

TEST_F(Cache, RefusesARangeThatWraps) {
    for (const Family& family : kFamilies) {
        auto request = request_of(family, 1);
        request.address = ~0ULL - 4096;
        EXPECT_TRUE(std::holds_alternative<NeedRangeCheck>(serve(request))) << family.name;
        request.address += 1;
        EXPECT_EQ(plain_error_of(request), EINVAL) << family.name;
    }
}

TEST_F(Cache, ChangesNothing) {
    const auto before = described(device.state());
    const std::size_t records = log.records().size();
    commit(ClientUsedHandles{client});

    for (const Family& family : kFamilies) {
        EXPECT_EQ(plain_error_of(request_of(family, 1), range(0)), 0);
    }

    EXPECT_EQ(log.records().size(), records + 1);
    EXPECT_EQ(described(device.state()).size(), before.size() + 1);
}

}  // namespace
}  // namespace ion
