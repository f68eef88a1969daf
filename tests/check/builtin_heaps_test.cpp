// SPDX-License-Identifier: Apache-2.0
//
// Contract: every built-in heap type keeps every promise, on every exporter that this machine has.

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <tuple>
#include <vector>

#include "heaps/check/isolated.h"
#include "heaps/exporter.h"
#include "heaps/heap_catalog.h"

namespace ion {
namespace {

using Case = std::tuple<std::size_t, check::Promise, ExporterKind>;  // type by its place in the catalog

class BuiltinHeaps : public ::testing::TestWithParam<Case> {};

TEST_P(BuiltinHeaps, KeepsItsPromise) {
    const auto& [type, promise, exporter] = GetParam();
    if (const auto opened = open_exporter(exporter); !opened) {
        GTEST_SKIP() << exporter_name(exporter) << ": " << opened.error().context;
    }
    check::Subject subject{.type = builtin_heap_types()[type], .exporter = exporter};
    subject.options = initial_options(subject.type.options);
    if (const auto heap = subject.make(); !heap && heap.error().code == ENODEV) {
        GTEST_SKIP() << heap.error().context;
    }

    const auto verdict = check::check_isolated(promise, subject, {.seed = 1}, std::chrono::minutes(5));

    EXPECT_EQ(verdict.kind, check::Verdict::Kind::kKept)
        << promise.what << ": " << verdict.text << "\nafter: " << verdict.steps;
}

std::string case_name(const ::testing::TestParamInfo<Case>& test) {
    const auto& [type, promise, exporter] = test.param;
    return std::string(builtin_heap_types()[type].name) + "_" + promise.name + "_" + exporter_name(exporter);
}

std::vector<Case> cases() {
    std::vector<Case> all;
    for (std::size_t type = 0; type < builtin_heap_types().size(); ++type) {
        for (const check::Promise& promise : check::promises()) {
            if (builtin_heap_types()[type].region == RegionNeed::kNone &&
                promise.name == std::string("recovers")) {
                continue;  // it cannot be full
            }
            for (const ExporterKind exporter : {ExporterKind::kMemfd, ExporterKind::kUdmabuf,
                                                ExporterKind::kVgem, ExporterKind::kDmaHeap}) {
                all.emplace_back(type, promise, exporter);
            }
        }
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(Heaps, BuiltinHeaps, ::testing::ValuesIn(cases()), case_name);

}  // namespace
}  // namespace ion
