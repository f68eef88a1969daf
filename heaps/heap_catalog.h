// SPDX-License-Identifier: Apache-2.0
//
// The heap types that a configuration can name, and how each is made.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/heap.h"

namespace ion {

/// What a heap is made from; a type ignores what it has no use for. Sizes and addresses in bytes.
struct HeapParameters {
    std::uint32_t id = 0;
    std::string name;
    std::uint64_t base = 0;
    std::uint64_t size = 0;
    std::uint64_t align = 4096;
    std::vector<ExporterKind> exporters;  ///< in the order to try
    std::uint64_t total_ram = 0;          ///< of the machine
    UniqueFd arena;                       ///< Heap::arena_fd() in an earlier worker, or nothing
};

struct HeapType {
    const char* name;             ///< as in the configuration
    std::uint32_t kernel_number;  ///< ION_HEAP_TYPE_* of the generations B and C
    Result<std::unique_ptr<Heap>> (*make)(HeapParameters parameters);
};

/// Ascending kernel_number.
[[nodiscard]] std::span<const HeapType> heap_types();

/// Null when there is no such type.
[[nodiscard]] const HeapType* find_heap_type(std::string_view name);

}  // namespace ion
