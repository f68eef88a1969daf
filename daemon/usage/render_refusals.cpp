// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/render_refusals.h"

#include <fmt/format.h>

#include <ranges>

#include "daemon/usage/errno_name.h"
#include "daemon/usage/format.h"

namespace ion {
namespace {

std::string heap_line(const RefusalHeap& heap) {
    if (heap.usage.total == 0) {
        return fmt::format("  heap {}: {} allocated, {} pooled\n", heap.name, heap.usage.allocated,
                           heap.usage.pooled);
    }
    return fmt::format("  heap {}: {} of {} allocated, {} free, largest free run {}\n", heap.name,
                       heap.usage.allocated, heap.usage.total, heap.usage.total - heap.usage.allocated,
                       heap.usage.largest_free);
}

std::string entry(const AllocationRefusal& refusal) {
    const AllocationRequest& asked = refusal.request;
    std::string text =
        fmt::format("#{} {} pid {} {}: {} bytes, align {}, heap mask {:#x}, flags {:#x}: {}\n",
                    refusal.number, utc_time(refusal.unix_seconds), refusal.pid, process_word(refusal.comm),
                    asked.length, asked.align, asked.heap_mask, asked.flags, errno_name(refusal.error));
    text += fmt::format("  reason: {}\n", refusal.reason);
    for (const RefusalHeap& heap : refusal.heaps) {
        text += heap_line(heap);
    }
    for (const RefusalHolder& holder : refusal.holders) {
        text += fmt::format("  holder: pid {} {} {} bytes\n", holder.pid, process_word(holder.comm),
                            holder.bytes);
    }
    return text;
}

}  // namespace

std::string render_refusals(const Snapshot& snapshot) {
    std::uint64_t total = 0;
    for (const auto& [error, count] : snapshot.refusal_totals) {
        total += count;
    }
    std::string text = fmt::format("refused {} shown {}\n", total, snapshot.refusals.size());
    for (const AllocationRefusal& refusal : snapshot.refusals | std::views::reverse) {
        text += entry(refusal);
    }
    return text;
}

}  // namespace ion
