// SPDX-License-Identifier: Apache-2.0
//
// ionctl heap check: tries to catch a heap type breaking a promise; docs/writing-a-heap.md.

#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "client/tools/heap_choice.h"
#include "client/tools/heap_commands.h"
#include "heaps/check/isolated.h"

namespace {

using ion::check::Verdict;

/// Beside the time that is asked for. A heap that takes longer for one batch of cases is said to hang.
constexpr std::chrono::seconds kPatience{60};

struct CheckOptions {
    std::string heap;
    double seconds = 10;
    std::uint64_t seed = 0;
};

/// Prints one promise's line, and how to see a breach again.
void print(const ion::check::Promise& promise, const Verdict& verdict, const CheckOptions& options) {
    const char* const words[] = {"pass", "FAIL", "n/a "};
    std::printf("%s  %-12s %s", words[static_cast<int>(verdict.kind)], promise.name, promise.what);
    switch (verdict.kind) {
        case Verdict::Kind::kKept:
            std::printf(" (%ju cases)\n", static_cast<std::uintmax_t>(verdict.cases));
            break;
        case Verdict::Kind::kNotApplicable:
            std::printf(": %s\n", verdict.text.c_str());
            break;
        case Verdict::Kind::kBroken:
            std::printf("\n      %s\n", verdict.text.c_str());
            if (!verdict.steps.empty()) {
                std::printf("      after: %s\n", verdict.steps.c_str());
                std::printf("      again: ionctl heap check --seed %ju '%s'\n",
                            static_cast<std::uintmax_t>(verdict.seed), options.heap.c_str());
            }
            break;
    }
    std::fflush(stdout);  // the next check may take a while
}

int check(const CheckOptions& options) {
    auto choice = choose_heap(options.heap);
    if (!choice) {
        std::fprintf(stderr, "ionctl: %s\n", choice.error().context.c_str());
        return kWrongUse;
    }
    const ion::check::Subject subject{.type = choice->type, .options = std::move(choice->options)};
    const auto promises = ion::check::promises();
    const ion::check::Effort effort{.seed = options.seed,
                                    .time = std::chrono::milliseconds(static_cast<std::int64_t>(
                                        options.seconds * 1000 / static_cast<double>(promises.size())))};
    int broken = 0;
    for (const ion::check::Promise& promise : promises) {
        const Verdict verdict = ion::check::check_isolated(promise, subject, effort, kPatience);
        broken += verdict.kind == Verdict::Kind::kBroken ? 1 : 0;
        print(promise, verdict, options);
    }
    std::printf("%s: %s\n", options.heap.c_str(),
                broken == 0 ? "every promise kept" : (std::to_string(broken) + " broken").c_str());
    return broken == 0 ? kDone : kFailed;
}

}  // namespace

Subcommand::Run add_heap_check(CLI::App& app) {
    const auto options = std::make_shared<CheckOptions>();
    options->seed = std::random_device()();
    CLI::App* command = app.add_subcommand("check", "Tries to catch a heap type breaking a promise");
    command->add_option("HEAP", options->heap, "TYPE or PLUGIN.so, and :KEY=VALUE,... for its options")
        ->required();
    command->add_option("--seconds", options->seconds, "About how long to search (default 10)")
        ->check(CLI::Range(0.0, 86400.0));
    command->add_option("--seed", options->seed, "Where to begin; a breach says which seed finds it again");
    command->footer("The exit status is 1 when a promise is broken.");
    return [options](const CommonOptions&) { return check(*options); };
}
