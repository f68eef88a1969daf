// SPDX-License-Identifier: Apache-2.0

#include "client/views/explain_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "client/views/table.h"
#include "client/views/text.h"

namespace ion::views {
namespace {

using usage::Refusal;
using usage::RefusingHeap;

/// What the daemon's reasons have in common.
struct Phrase {
    std::string_view part;  ///< of the reason
    Limit limit;
};
constexpr std::array kPhrases{
    Phrase{"descriptor table is full", Limit::kDescriptors},
    Phrase{"more than half of the memory", Limit::kMemory},
    Phrase{"protected", Limit::kProtection},
    Phrase{"the heap is mapped", Limit::kProtection},
    Phrase{"bad length", Limit::kRequest},
    Phrase{"the alignment is no", Limit::kRequest},
    Phrase{"aligned", Limit::kRequest},
    Phrase{"full: ", Limit::kFree},
    Phrase{"fragmented: ", Limit::kLongestRun},
};

/// The heap that the reason "<heap>: ..." is about; null when it names none of those that were asked.
const RefusingHeap* last_asked(const Refusal& refusal) {
    const auto found = std::ranges::find_if(
        refusal.heaps, [&](const RefusingHeap& heap) { return refusal.reason.starts_with(heap.name + ":"); });
    return found == refusal.heaps.end() ? nullptr : &*found;
}

std::uint64_t pages(std::uint64_t bytes) {
    constexpr std::uint64_t kPage = 4096;
    return bytes / kPage + (bytes % kPage != 0 ? 1 : 0);
}

/// Which size of a heap's region is in the way, if one is.
Limit limit_of_region(const RefusingHeap& heap, std::uint64_t asked) {
    if (pages(asked) > *heap.total / 4096) {
        return Limit::kSize;
    }
    if (pages(asked) > heap.free / 4096) {
        return Limit::kFree;
    }
    return pages(asked) > heap.largest_free / 4096 ? Limit::kLongestRun : Limit::kOther;
}

bool of_a_region(Limit limit) {
    return limit == Limit::kSize || limit == Limit::kFree || limit == Limit::kLongestRun;
}

const char* name_of(Limit limit) {
    switch (limit) {
        case Limit::kNoHeap:
            return "no_heap";
        case Limit::kRequest:
            return "request";
        case Limit::kSize:
            return "heap_size";
        case Limit::kFree:
            return "free_bytes";
        case Limit::kLongestRun:
            return "longest_run";
        case Limit::kDescriptors:
            return "descriptors";
        case Limit::kProtection:
            return "protection";
        case Limit::kMemory:
            return "memory";
        case Limit::kOther:
            break;
    }
    return "other";
}

std::string why(const Refusal& refusal, const RefusingHeap* heap) {
    const std::string asked = size_text(refusal.bytes);
    switch (limit_of(refusal)) {
        case Limit::kNoHeap:
            return fmt::format("No heap has a number whose bit is set in the mask {:#x}.", refusal.heap_mask);
        case Limit::kRequest:
            return "The request itself cannot be served: " + printable(refusal.reason) + ".";
        case Limit::kSize:
            return fmt::format("{} has {} in all, less than the {} asked.", heap->name,
                               size_text(*heap->total), asked);
        case Limit::kFree:
            return fmt::format("{} is full: {} asked, {} free of {}.", heap->name, asked,
                               size_text(heap->free), size_text(*heap->total));
        case Limit::kLongestRun:
            return fmt::format(
                "{} is fragmented: {} asked with alignment {}, {} free, the longest run is {}.", heap->name,
                asked, refusal.align, size_text(heap->free), size_text(heap->largest_free));
        case Limit::kDescriptors:
            return "A descriptor table is full; each live buffer needs a descriptor.";
        case Limit::kProtection:
            return "The heap's content protection does not allow it: " + printable(refusal.reason) + ".";
        case Limit::kMemory:
            return "The request is more than half of the machine's memory.";
        case Limit::kOther:
            break;
    }
    return "iond says: " + printable(refusal.reason) + ".";
}

std::vector<std::string> advice(const Refusal& refusal, const RefusingHeap* heap) {
    const std::string larger =
        heap == nullptr ? "" : "give " + heap->name + " a larger size in its [[heap]] table";
    switch (limit_of(refusal)) {
        case Limit::kNoHeap:
            return {"see which numbers there are: ionctl heaps",
                    "set the bit of one in the program's mask, or give a heap this id in the configuration"};
        case Limit::kRequest:
            return {"correct the length or the alignment in the program"};
        case Limit::kSize:
            return {larger, "or ask for less, or let the mask name a heap without a region as well"};
        case Limit::kFree:
            return {
                "let the biggest holders give memory back; see who keeps what nobody can free: ionctl leaks",
                "or " + larger};
        case Limit::kLongestRun:
            return {"see what lies between the free runs: ionctl map " + heap->name,
                    "allocate large buffers first, or ask for smaller ones", "or " + larger};
        case Limit::kDescriptors:
            return {"see how many descriptors iond may have: ionctl doctor",
                    "raise LimitNOFILE= of iond.service, or free buffers: ionctl leaks"};
        case Limit::kProtection:
            return {"wait until the heap is no longer protected, or use another heap"};
        case Limit::kMemory:
            return {"ask for less"};
        case Limit::kOther:
            break;
    }
    return {"look at iond's log around this time", "see the heaps as they are: ionctl heaps"};
}

std::string heaps_part(const Refusal& refusal) {
    Table table({{"HEAP"}, {"SIZE", kRight}, {"USED", kRight}, {"FREE", kRight}, {"LONGEST RUN", kRight}});
    for (const RefusingHeap& heap : refusal.heaps) {
        table.add({heap.name, heap.total ? size_text(*heap.total) : "", size_text(heap.allocated),
                   heap.total ? size_text(heap.free) : "", heap.total ? size_text(heap.largest_free) : ""});
    }
    return "\nThe heaps that were asked, as they were then:\n" + table.text("  ");
}

std::string holders_part(const Refusal& refusal) {
    Table table({{"PID", kRight}, {"COMMAND"}, {"HELD", kRight}});
    for (const usage::Holder& holder : refusal.holders) {
        table.add({std::to_string(holder.pid), holder.comm, size_text(holder.bytes)});
    }
    return "\nWho had most of their memory:\n" + table.text("  ");
}

}  // namespace

Limit limit_of(const Refusal& refusal) {
    if (refusal.heaps.empty()) {
        return refusal.error == "ENODEV" ? Limit::kNoHeap : Limit::kRequest;
    }
    const RefusingHeap* heap = last_asked(refusal);
    const bool has_region = heap != nullptr && heap->total;
    if (const Limit limit = has_region ? limit_of_region(*heap, refusal.bytes) : Limit::kOther;
        limit != Limit::kOther) {
        return limit;
    }
    const auto* phrase = std::ranges::find_if(
        kPhrases, [&](const Phrase& one) { return refusal.reason.find(one.part) != std::string::npos; });
    return phrase == kPhrases.end() || (of_a_region(phrase->limit) && !has_region) ? Limit::kOther
                                                                                   : phrase->limit;
}

std::string explain_text(const Refusal& refusal) {
    const RefusingHeap* heap = last_asked(refusal);
    std::string text =
        fmt::format("Refusal #{}, {}: {} (pid {}) asked for {} ({} bytes) and got {}.\n\n{}\n",
                    refusal.number, refusal.time, printable(refusal.comm), refusal.pid,
                    size_text(refusal.bytes), refusal.bytes, refusal.error, why(refusal, heap));
    text += fmt::format("\n  mask {:#x}, flags {:#x}, alignment {}\n  reason: {}\n", refusal.heap_mask,
                        refusal.flags, refusal.align, printable(refusal.reason));
    if (!refusal.heaps.empty()) {
        text += heaps_part(refusal);
    }
    if (!refusal.holders.empty()) {
        text += holders_part(refusal);
    }
    text += "\nWhat to do:\n";
    for (const std::string& line : advice(refusal, heap)) {
        text += "  - " + line + "\n";
    }
    return text;
}

Json explain_json(const Refusal& refusal) {
    const RefusingHeap* last = last_asked(refusal);
    Json heaps = Json::array();
    for (const RefusingHeap& heap : refusal.heaps) {
        Json one{{"name", heap.name}, {"allocated_bytes", heap.allocated}};
        if (heap.total) {
            one["region"] = {{"size_bytes", *heap.total},
                             {"free_bytes", heap.free},
                             {"largest_free_bytes", heap.largest_free}};
        }
        heaps.push_back(std::move(one));
    }
    Json holders = Json::array();
    for (const usage::Holder& holder : refusal.holders) {
        holders.push_back({{"pid", holder.pid}, {"comm", holder.comm}, {"bytes", holder.bytes}});
    }
    return {{"number", refusal.number},
            {"time", refusal.time},
            {"pid", refusal.pid},
            {"comm", refusal.comm},
            {"asked_bytes", refusal.bytes},
            {"align", refusal.align},
            {"heap_mask", refusal.heap_mask},
            {"flags", refusal.flags},
            {"errno", refusal.error},
            {"reason", refusal.reason},
            {"limit", name_of(limit_of(refusal))},
            {"explanation", why(refusal, last)},
            {"advice", advice(refusal, last)},
            {"heaps", heaps},
            {"holders", holders}};
}

}  // namespace ion::views
