// SPDX-License-Identifier: Apache-2.0

#include "heaps/check/property.h"

#include <rapidcheck.h>

#include <algorithm>

namespace ion::check {
namespace {

constexpr int kBatch = 100;

class Silent final : public rc::detail::TestListener {
  public:
    void onTestCaseFinished(const rc::detail::CaseDescription& /*description*/) override {}
    void onShrinkTried(const rc::detail::CaseDescription& /*shrink*/, bool /*accepted*/) override {}
    void onTestFinished(const rc::detail::TestMetadata& /*metadata*/,
                        const rc::detail::TestResult& /*result*/) override {}
};

rc::Gen<std::uint32_t> some_pages(std::uint32_t most) {
    const auto few = std::min<std::uint32_t>(most, 8);
    // Mostly small, so that many live at once; now and then so large that the heap is soon full, or an even part of it,
    // so that it is full to the last page.
    const auto pages = rc::gen::weightedOneOf<std::uint32_t>(
        {{5, rc::gen::inRange<std::uint32_t>(1, few + 1)},
         {2, rc::gen::inRange<std::uint32_t>(1, most / 4 + 2)},
         {2, rc::gen::map(rc::gen::inRange(0, 5), [most](int n) { return std::max(most >> n, 1U); })},
         {1, rc::gen::inRange<std::uint32_t>(1, most + 2)}});
    return rc::gen::shrink(pages,
                           [](std::uint32_t found) { return rc::shrink::towards<std::uint32_t>(found, 1); });
}

rc::Gen<std::vector<Step>> some_steps(std::uint32_t most_pages) {
    const auto kind = rc::gen::weightedElement<StepKind>(
        {{12, StepKind::kAllocate}, {6, StepKind::kFree}, {1, StepKind::kRestart}});
    const auto align = rc::gen::weightedOneOf<std::uint32_t>(
        {{3, rc::gen::just<std::uint32_t>(0)}, {1, rc::gen::inRange<std::uint32_t>(0, 7)}});
    return rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
        rc::gen::set(&Step::kind, kind), rc::gen::set(&Step::pages, some_pages(most_pages)),
        rc::gen::set(&Step::align_log2, align),
        rc::gen::set(&Step::which, rc::gen::inRange<std::uint32_t>(0, 32))));
}

void note(LastCase* last, std::uint64_t seed, const std::vector<Step>& steps) {
    if (last != nullptr) {
        last->seed = seed;
        const std::size_t length = describe(steps).copy(last->steps.data(), last->steps.size() - 1);
        last->steps[length] = '\0';
    }
}

}  // namespace

Verdict search(const Effort& effort, std::uint32_t most_pages, const Judge& judge) {
    const auto steps_of_a_case = some_steps(most_pages);
    const auto end = std::chrono::steady_clock::now() + effort.time;
    Verdict verdict;
    Silent listener;
    const std::unordered_map<std::string, rc::detail::Reproduce> nothing_to_repeat;
    rc::detail::TestParams params;
    params.maxSuccess = kBatch;
    params.seed = effort.seed;
    do {
        // Shrinking goes on from failure to smaller failure: the last one is the smallest.
        const auto result = rc::detail::checkTestable(
            [&] {
                const std::vector<Step> steps = *steps_of_a_case;
                ++verdict.cases;
                note(effort.last, params.seed, steps);
                const auto problem = judge(steps);
                if (problem) {
                    verdict.kind = Verdict::Kind::kBroken;
                    verdict.text = *problem;
                    verdict.steps = describe(steps);
                }
                return !problem;
            },
            rc::detail::TestMetadata{}, params, listener, nothing_to_repeat);
        if (verdict.kind == Verdict::Kind::kKept && !result.template is<rc::detail::SuccessResult>()) {
            verdict.kind = Verdict::Kind::kBroken;  // something was thrown
            std::ostringstream text;
            rc::detail::printResultMessage(result, text);
            verdict.text = text.str();
        }
        verdict.seed = params.seed;
        ++params.seed;
    } while (verdict.kind == Verdict::Kind::kKept && std::chrono::steady_clock::now() < end);
    return verdict;
}

}  // namespace ion::check

namespace rc {
void showValue(const std::vector<ion::check::Step>& steps, std::ostream& out) {
    out << ion::check::describe(steps);
}
}  // namespace rc
