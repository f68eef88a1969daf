// SPDX-License-Identifier: Apache-2.0
//
// The checks catch heaps that are wrong, say so of the right promise, and find a short way to show it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "heaps/check/isolated.h"
#include "tests/check/broken_heap.h"

namespace ion {
namespace {

using check::Verdict;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr check::Effort kEffort{.seed = 1};

Verdict verdict_of(const std::string& promise, Fault fault, std::chrono::milliseconds patience) {
    const auto all = check::promises();
    const auto found = std::ranges::find(all, promise, &check::Promise::name);
    if (found == all.end()) {
        ADD_FAILURE() << "no promise " << promise;
        return {};
    }
    return check::check_isolated(*found, subject_with(fault), kEffort, patience);
}

Verdict verdict_of(const std::string& promise, Fault fault) {
    return verdict_of(promise, fault, std::chrono::minutes(2));
}

std::set<std::string> broken_by(Fault fault) {
    std::set<std::string> names;
    for (const check::Promise& promise : check::promises()) {
        if (verdict_of(promise.name, fault).kind == Verdict::Kind::kBroken) {
            names.insert(promise.name);
        }
    }
    return names;
}

TEST(BrokenHeaps, AHeapWithoutFaultKeepsEveryPromise) {
    EXPECT_EQ(broken_by(Fault::kNone), std::set<std::string>{});
}

struct Expectation {
    const char* name;
    Fault fault;
    const char* promise;
    const char* text;
};

class BrokenHeapsTest : public ::testing::TestWithParam<Expectation> {};

TEST_P(BrokenHeapsTest, IsCaught) {
    const Verdict verdict = verdict_of(GetParam().promise, GetParam().fault);
    EXPECT_EQ(verdict.kind, Verdict::Kind::kBroken);
    EXPECT_THAT(verdict.text, HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    Faults, BrokenHeapsTest,
    ::testing::Values(
        Expectation{"Overlapping_placed", Fault::kOverlapping, "placed", "overlaps"},
        Expectation{"Outside_placed", Fault::kOutside, "placed", "not within the region"},
        Expectation{"NotZeroing_zeroed", Fault::kNotZeroing, "zeroed", "a new buffer of"},
        Expectation{"Shared_separate", Fault::kShared, "separate", "at offset"},
        Expectation{"Unaligned_aligned", Fault::kUnaligned, "aligned", "is not aligned"},
        Expectation{"Leaking_released", Fault::kLeaking, "released", "stay allocated"},
        Expectation{"Leaking_recovers", Fault::kLeaking, "recovers", "after all were given back"},
        Expectation{"Miscounting_accounted", Fault::kMiscounting, "accounted", "usage().allocated is"},
        Expectation{"RestoringWrong_restored", Fault::kRestoringWrong, "restored", "elsewhere than before"},
        Expectation{"AcceptingTaken_restored", Fault::kAcceptingTaken, "restored", "instead of EEXIST"},
        Expectation{"WrongErrno_refuses", Fault::kWrongErrno, "refuses", "instead of EINVAL"},
        Expectation{"KeepingFds_descriptors", Fault::kKeepingFds, "descriptors", "are open before"},
        Expectation{"SharingState_threads", Fault::kSharingState, "threads", ""},
        Expectation{"Crashing_recovers", Fault::kCrashing, "recovers", "crashed: Segmentation fault"},
        Expectation{"Throwing_recovers", Fault::kThrowing, "recovers", "no thought was given to this"},
        Expectation{"Throwing_placed", Fault::kThrowing, "placed", "no thought was given to this"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(BrokenHeaps, AHeapThatHangsIsGivenUp) {
    EXPECT_THAT(verdict_of("recovers", Fault::kHanging, std::chrono::milliseconds(200)).text,
                HasSubstr("does not come to an end"));
}

TEST(BrokenHeaps, AHeapThatCrashesInASearchIsShownWithItsLastSteps) {
    const Verdict verdict = verdict_of("placed", Fault::kCrashing);
    EXPECT_THAT(verdict.text, HasSubstr("crashed: Segmentation fault"));
    EXPECT_THAT(verdict.steps, HasSubstr("allocate"));
    EXPECT_EQ(verdict.seed, kEffort.seed);
}

TEST(BrokenHeaps, ACounterexampleIsAsShortAsItCanBe) {
    EXPECT_EQ(verdict_of("zeroed", Fault::kNotZeroing).steps, "allocate 1 page, free #0, allocate 1 page");
    EXPECT_EQ(verdict_of("restored", Fault::kAcceptingTaken).steps, "allocate 1 page, restart");
    EXPECT_EQ(verdict_of("placed", Fault::kOverlapping).steps, "allocate 1 page, allocate 1 page");
}

TEST(BrokenHeaps, TheSeedOfAVerdictFindsItAgain) {
    const Verdict first = verdict_of("released", Fault::kLeaking);
    EXPECT_EQ(first.kind, Verdict::Kind::kBroken);
    const auto all = check::promises();
    const auto released = std::ranges::find(all, std::string("released"), &check::Promise::name);
    const Verdict again = released->check(subject_with(Fault::kLeaking), {.seed = first.seed});
    EXPECT_EQ(again, first);
}

}  // namespace
}  // namespace ion
