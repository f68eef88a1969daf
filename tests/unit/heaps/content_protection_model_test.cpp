// SPDX-License-Identifier: Apache-2.0
//
// ContentProtection against a state machine that keeps lists instead of counts, and against what TrustZone saw.

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <random>
#include <vector>

#include "tests/unit/heaps/fake_trust_zone.h"
#include "tests/unit/heaps/model_seed.h"

namespace ion {
namespace {

constexpr int kSteps = 100'000;

enum class View { kProgram, kCached, kUncached };

class ContentProtectionModel : public ::testing::TestWithParam<bool> {
  protected:
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

    [[nodiscard]] bool seen_by(View view) const { return std::ranges::count(views_, view) != 0; }
    [[nodiscard]] bool exposed() const { return seen_by(View::kProgram) || seen_by(View::kCached); }

    static void expect_error(const Result<void>& result, int expected) {
        ASSERT_EQ(result ? 0 : result.error().code, expected);
    }

    void allocate() {
        const bool secure = below(2) == 0;
        const bool contiguous = below(2) == 0;
        const bool refused = secure ? exposed() : script_.locked || (GetParam() && !contiguous);
        const std::uint32_t flags =
            (secure ? 1U << 31 : 0) | (contiguous ? 1U << 30 : 0) | below(4);  // cached: makes no difference
        expect_error(protection_.may_allocate(flags), refused ? ENOMEM : 0);
    }
    void map() {
        const auto view = static_cast<View>(below(3));
        const bool refused = script_.locked && view != View::kUncached;
        if (view == View::kProgram) {
            expect_error(protection_.map_user(), refused ? EAGAIN : 0);
        } else {
            expect_error(protection_.may_map_kernel(view == View::kCached), refused ? EAGAIN : 0);
        }
        if (!refused) {
            views_.push_back(view);
            if (view != View::kProgram) {
                protection_.kernel_mapped(view == View::kCached);
            }
        }
    }
    void unmap() {
        if (views_.empty()) {
            return;
        }
        std::swap(views_[below(static_cast<std::uint32_t>(views_.size()))], views_.back());
        const View view = views_.back();
        views_.pop_back();
        view == View::kProgram ? protection_.unmap_user()
                               : protection_.kernel_unmapped(view == View::kCached);
    }
    void secure() {
        const bool to_lock = secured_ == 0;
        const int expected = exposed() ? EINVAL : to_lock ? script_.failure : 0;
        const int calls = script_.calls + (to_lock && !exposed() ? 1 : 0);
        expect_error(protection_.secure(), expected);
        ASSERT_EQ(script_.calls, calls);
        secured_ += expected == 0 ? 1 : 0;
    }
    void unsecure() {
        const bool to_unlock = secured_ == 1;
        const int calls = script_.calls + (to_unlock ? 1 : 0);
        expect_error(protection_.unsecure(), to_unlock ? script_.failure : 0);
        ASSERT_EQ(script_.calls, calls);
        secured_ -= secured_ == 0 ? 0 : 1;
    }
    void change_trust_zone() { script_.failure = below(3) == 0 ? EACCES : 0; }

    void step() {
        // What is made is undone more often than made: else most steps would be with the heap protected.
        static constexpr void (ContentProtectionModel::*kChoices[])() = {
            &ContentProtectionModel::allocate, &ContentProtectionModel::map,
            &ContentProtectionModel::unmap,    &ContentProtectionModel::unmap,
            &ContentProtectionModel::secure,   &ContentProtectionModel::unsecure,
            &ContentProtectionModel::unsecure, &ContentProtectionModel::change_trust_zone};
        (this->*kChoices[below(std::size(kChoices))])();
    }
    void compare() const {
        ASSERT_EQ(protection_.is_protected(), script_.locked);
        ASSERT_EQ(protection_.protect_count(), secured_);
        const auto programs = static_cast<std::uint64_t>(std::ranges::count(views_, View::kProgram));
        ASSERT_EQ(protection_.user_mappings(), programs);
        ASSERT_EQ(protection_.kernel_mappings(), views_.size() - programs);
    }

    std::uint32_t seed_ = model_seed();
    std::mt19937_64 random_{seed_};
    TrustZoneScript script_;
    ContentProtection protection_{{.secured = {.base = 4096, .size = 4096}, .no_nonsecure_alloc = GetParam()},
                                  std::make_unique<FakeTrustZone>(script_)};
    std::vector<View> views_;
    std::uint64_t secured_ = 0;  // calls of secure() that hold
};

TEST_P(ContentProtectionModel, Agrees) {
    int protected_steps = 0;
    for (int i = 0; i < kSteps; ++i) {
        step();
        compare();
        ASSERT_FALSE(HasFailure()) << "step " << i << ", seed " << seed_;
        protected_steps += protection_.is_protected() ? 1 : 0;
    }
    EXPECT_GT(protected_steps, kSteps / 20) << "hardly anything was tried while protected";
    EXPECT_LT(protected_steps, kSteps - kSteps / 20) << "nor while not";
}

INSTANTIATE_TEST_SUITE_P(NoNonsecureAlloc, ContentProtectionModel, ::testing::Bool());

}  // namespace
}  // namespace ion
