// SPDX-License-Identifier: Apache-2.0

#include "heaps/check/promises.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <thread>
#include <utility>

#include "daemon/base/checked_math.h"
#include "heaps/check/world.h"

namespace ion::check {
namespace {

constexpr std::size_t kThreads = 4;

Verdict broken(std::string text) {
    return {.kind = Verdict::Kind::kBroken, .text = std::move(text)};
}

std::uint32_t pages_of(const Subject& subject) {
    return static_cast<std::uint32_t>(subject.region.size / kPageSize);
}

template <Rule rule>
Verdict keeps(const Subject& subject, const Effort& effort) {
    return search(effort, pages_of(subject),
                  [&](const std::vector<Step>& steps) { return World(subject, rule).play(steps); });
}

Verdict refuses(const Subject& subject, const Effort& /*effort*/) {
    struct Case {
        std::uint64_t size;
        std::uint64_t align;
        bool no_memory;  ///< ENOMEM will do as well
    };
    constexpr std::uint64_t kHuge = ~0ULL - kPageSize + 1;
    const std::array cases{Case{0, 0, false},
                           Case{kPageSize + 1, 0, false},
                           Case{kPageSize, 3 * kPageSize, false},
                           Case{kPageSize, ~0ULL, false},
                           Case{kHuge, 0, true},
                           Case{kHuge, kPageSize, true},
                           Case{kPageSize << 51, 0, true},
                           Case{kPageSize, 1ULL << 63, true},
                           Case{subject.region.size + kPageSize, 0, true}};
    const auto heap = subject.make();
    if (!heap) {
        return broken(heap.error().context);
    }
    for (const Case& one : cases) {
        const auto backing = (*heap)->allocate({.size_bytes = one.size, .align_bytes = one.align});
        const int code = backing ? 0 : backing.error().code;
        if (code != EINVAL && !(one.no_memory && code == ENOMEM)) {
            return broken(fmt::format("{:#x} bytes aligned to {:#x}: {} instead of {}", one.size, one.align,
                                      backing ? "a buffer" : fmt::format("errno {}", code),
                                      one.no_memory ? "ENOMEM or EINVAL" : "EINVAL"));
        }
    }
    if (const auto allocated = (*heap)->usage().allocated; allocated != 0) {
        return broken(fmt::format("{} bytes are allocated after refusals alone", allocated));
    }
    return {.cases = cases.size()};
}

/// As many buffers as go in.
std::vector<std::unique_ptr<Backing>> fill(Heap& heap, std::uint64_t size, std::size_t limit) {
    std::vector<std::unique_ptr<Backing>> held;
    while (held.size() < limit) {
        auto backing = heap.allocate({.size_bytes = size});
        if (!backing) {
            break;
        }
        held.push_back(*std::move(backing));
    }
    return held;
}

/// Forwards, backwards, or first every other one.
void give_back(std::vector<std::unique_ptr<Backing>> held, unsigned order) {
    for (std::size_t i = 0; order == 2 && i < held.size(); i += 2) {
        held[i].reset();
    }
    if (order == 1) {
        std::ranges::reverse(held);
    }
    for (auto& backing : held) {
        backing.reset();
    }
}

Verdict recovers(const Subject& subject, const Effort& /*effort*/) {
    if (subject.type.region == RegionNeed::kNone) {
        return {.kind = Verdict::Kind::kNotApplicable, .text = "only the machine's memory limits it"};
    }
    const auto heap = subject.make();
    if (!heap) {
        return broken(heap.error().context);
    }
    std::uint64_t cases = 0;
    for (const std::uint64_t pages : {1U, 2U, 3U, 5U, 16U, 7U, 1U}) {
        const std::size_t limit = subject.region.size / (pages * kPageSize) + 1;
        std::size_t first = 0;
        for (const unsigned order : {0U, 1U, 2U, 0U}) {
            auto held = fill(**heap, pages * kPageSize, limit);
            if (held.size() == limit || (cases++, held.empty())) {
                return broken(fmt::format("{} buffers of {} pages go into {} pages", held.size(), pages,
                                          pages_of(subject)));
            }
            first = first == 0 ? held.size() : first;
            if (held.size() != first) {
                return broken(fmt::format("{} buffers of {} pages fit at first, {} after all were given back",
                                          first, pages, held.size()));
            }
            give_back(std::move(held), order);
        }
    }
    return {.cases = cases};
}

/// Many buffers of all sizes, without a restart.
std::vector<Step> busy_steps(unsigned rotate) {
    std::vector<Step> steps;
    for (std::uint32_t i = 0; i < 60; ++i) {
        steps.push_back({.kind = StepKind::kAllocate, .pages = 1 + (i * 7 + rotate) % 13});
        if (i % 3 == 2) {
            steps.push_back({.kind = StepKind::kFree, .which = i * 5 + rotate});
        }
    }
    return steps;
}

std::ptrdiff_t open_descriptors() {
    using Iterator = std::filesystem::directory_iterator;
    return std::distance(Iterator("/proc/self/fd"), Iterator());
}

Verdict keeps_no_descriptor(const Subject& subject, const Effort& /*effort*/) {
    (void)World(subject, Rule::kReleased).play(busy_steps(0));  // what is opened once and kept is no leak
    const auto before = open_descriptors();
    for (unsigned round = 0; round < 3; ++round) {
        (void)World(subject, Rule::kReleased).play(busy_steps(round));
    }
    if (const auto after = open_descriptors(); after != before) {
        return broken(
            fmt::format("{} descriptors are open before, {} after three heaps came and went", before, after));
    }
    return {.cases = 4};
}

Verdict runs_in_threads(const Subject& subject, const Effort& /*effort*/) {
    const auto play = [&](unsigned rotate) {
        std::optional<std::string> problem;
        for (const Rule rule : {Rule::kSeparate, Rule::kPlaced, Rule::kAccounted, Rule::kReleased}) {
            problem = problem ? problem : World(subject, rule).play(busy_steps(rotate));
        }
        return problem;
    };
    if (const auto problem = play(0)) {
        return {.kind = Verdict::Kind::kNotApplicable, .text = "it fails without threads too"};
    }
    std::array<std::optional<std::string>, kThreads> problems;
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < kThreads; ++i) {
            threads.emplace_back([&, i] {
                try {
                    for (unsigned round = 0; round < 8 && !problems[i]; ++round) {
                        problems[i] = play(static_cast<unsigned>(i) + round);
                    }
                } catch (const std::exception& thrown) {
                    problems[i] = thrown.what();
                }
            });
        }
    }
    for (const auto& problem : problems) {
        if (problem) {
            return broken(fmt::format("{} heaps in {} threads: {}", kThreads, kThreads, *problem));
        }
    }
    return {.cases = kThreads * 8};
}

constexpr std::array kPromises{
    Promise{"placed", "buffers lie in whole pages of the region that nobody else has", keeps<Rule::kPlaced>},
    Promise{"zeroed", "memory is zero when it is handed out, whoever had it before", keeps<Rule::kZeroed>},
    Promise{"separate", "what is written into a buffer stays in it and comes from nowhere else",
            keeps<Rule::kSeparate>},
    Promise{"aligned", "buffers lie at the alignment asked for, or are refused", keeps<Rule::kAligned>},
    Promise{"exported", "descriptors have the size, are the memory, and count as use",
            keeps<Rule::kExported>},
    Promise{"accounted", "usage() tells what is allocated", keeps<Rule::kAccounted>},
    Promise{"released", "when all is given back, the heap is as new", keeps<Rule::kReleased>},
    Promise{"restored", "after a restart every buffer is where it was, and no false one is accepted",
            keeps<Rule::kRestored>},
    Promise{"refuses", "sizes and alignments that cannot be are refused with the right errno", refuses},
    Promise{"recovers", "a full heap takes as much again, in whatever order it was emptied", recovers},
    Promise{"descriptors", "no descriptor is left open", keeps_no_descriptor},
    Promise{"threads", "heaps of several threads do not disturb each other", runs_in_threads},
};

}  // namespace

std::span<const Promise> promises() {
    return kPromises;
}

}  // namespace ion::check
