// SPDX-License-Identifier: Apache-2.0
//
// Heap types that are only described, for tests of the configuration.

#pragma once

#include <array>

#include "heaps/heap_type.h"

namespace ion {

inline constexpr std::array kTestOptions{
    OptionSpec{.name = "chunk_size",
               .kind = OptionKind::kSize,
               .initial = std::uint64_t{16384},
               .minimum = 4096,
               .maximum = 1 << 20,
               .help = "bytes of a chunk"},
    OptionSpec{.name = "order",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{4},
               .maximum = 9,
               .help = "h"},
    OptionSpec{.name = "limit", .kind = OptionKind::kSize, .initial = std::uint64_t{0}, .help = "at most"},
    OptionSpec{.name = "pools", .kind = OptionKind::kBoolean, .initial = true, .help = "keep freed memory"},
    OptionSpec{.name = "label", .kind = OptionKind::kText, .initial = "none", .help = "a word"}};

/// Named as the daemon's own, so that presets can be read with them. Nothing can be made of them.
inline constexpr std::array kTestTypes{
    HeapType{.name = "system", .mainline_number = 0, .msm34_number = 0},
    HeapType{.name = "system_contig", .mainline_number = 1, .msm34_number = 1},
    HeapType{.name = "carveout", .mainline_number = 2, .msm34_number = 2, .region = RegionNeed::kRequired},
    HeapType{.name = "chunk",
             .mainline_number = 3,
             .msm34_number = std::nullopt,
             .region = RegionNeed::kRequired,
             .options = kTestOptions},
    HeapType{.name = "cma",
             .other_name = "dma",
             .mainline_number = 4,
             .msm34_number = 5,
             .region = RegionNeed::kRequired},
    HeapType{
        .name = "cp", .mainline_number = std::nullopt, .msm34_number = 4, .region = RegionNeed::kRequired}};

}  // namespace ion
