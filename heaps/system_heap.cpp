// SPDX-License-Identifier: Apache-2.0

#include "heaps/system_heap.h"

#include <string>
#include <utility>

#include "daemon/base/checked_math.h"

namespace ion {

class SystemHeap::Allocation final : public Backing {
  public:
    /// `heap` outlives this (the rule for every Backing).
    Allocation(SystemHeap& heap, std::unique_ptr<Memory> memory, std::uint64_t size)
        : heap_(heap), memory_(std::move(memory)), size_(size) {
        heap_.allocated_ += size_;
    }
    ~Allocation() override { heap_.allocated_ -= size_; }

    [[nodiscard]] const Memory& memory() const override { return *memory_; }
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return {}; }

  private:
    SystemHeap& heap_;
    std::unique_ptr<Memory> memory_;
    std::uint64_t size_;
};

SystemHeap::SystemHeap(ExporterChain exporters, std::uint64_t total_ram)
    : exporters_(std::move(exporters)), total_ram_(total_ram) {}

Result<std::unique_ptr<Backing>> SystemHeap::allocate(const HeapRequest& request) {
    if (request.size_bytes == 0 || request.size_bytes % kPageSize != 0) {
        return fail(EINVAL, "the size is not one of whole pages");
    }
    if (request.align_bytes > kPageSize) {
        return fail(EINVAL, "system memory is aligned to pages only");
    }
    if (request.size_bytes > total_ram_ / 2) {
        return fail(ENOMEM, std::to_string(request.size_bytes) + " bytes are more than half of the memory");
    }
    auto memory = exporters_.create(request.size_bytes);
    if (!memory) {
        return memory.error();
    }
    return std::unique_ptr<Backing>(
        std::make_unique<Allocation>(*this, *std::move(memory), request.size_bytes));
}

Result<std::unique_ptr<Backing>> SystemHeap::restore(RestoreRequest request) {
    if (!request.placement.empty()) {
        return fail(EINVAL, "system memory has no addresses");
    }
    auto memory = adopt_memory(request.exporter, std::move(request.memory));
    if (!memory) {
        return memory.error();
    }
    return std::unique_ptr<Backing>(
        std::make_unique<Allocation>(*this, *std::move(memory), request.request.size_bytes));
}

std::string SystemHeap::print_debug(DebugLayout layout) const {
    if (layout == DebugLayout::kA) {
        return Heap::print_debug(layout);
    }
    std::string text;  // nothing is pooled; parsers want the lines all the same
    for (const char* caching : {"uncached", "cached"}) {
        for (const char* order : {"8", "4", "0"}) {
            for (const char* zone : {"highmem", "lowmem"}) {
                text += std::string("0 order ") + order + " " + zone + " pages " + caching + " 0 total\n";
            }
        }
    }
    return text;
}

HeapUsage SystemHeap::usage() const {
    return {.total = 0, .allocated = allocated_, .largest_free = 0};
}

}  // namespace ion
