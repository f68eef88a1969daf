// SPDX-License-Identifier: Apache-2.0

#include "heaps/iommu_heap.h"

#include <algorithm>

#include "daemon/base/checked_math.h"
#include "heaps/heap_parts.h"

namespace ion {

class IommuHeap::Allocation final : public Backing {
  public:
    /// `heap` outlives this (the rule for every Backing).
    Allocation(IommuHeap& heap, std::unique_ptr<Memory> memory, std::uint64_t size)
        : heap_(heap), memory_(std::move(memory)), size_(size) {
        heap_.allocated_ += size_;
    }
    ~Allocation() override {
        heap_.forget(*this);
        heap_.allocated_ -= size_;
    }

    [[nodiscard]] const Memory& memory() const override { return *memory_; }
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return {}; }

  private:
    IommuHeap& heap_;
    std::unique_ptr<Memory> memory_;
    std::uint64_t size_;
};

Result<std::unique_ptr<Backing>> IommuHeap::allocate(const HeapRequest& request) {
    if (request.size_bytes == 0 || request.size_bytes % kPageSize != 0) {
        return fail(EINVAL, "the size is not one of whole pages");
    }
    // The kernel's ignores it, as the pages are scattered: what a device sees is aligned when it is mapped.
    if (!is_power_of_two(std::max<std::uint64_t>(request.align_bytes, 1)) ||
        request.align_bytes > total_ram_) {
        return fail(EINVAL, "the alignment is no power of two or exceeds the memory");
    }
    if (!spaces_) {
        return fail(ENOMEM, "there is no IOMMU");
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

Result<std::unique_ptr<Backing>> IommuHeap::restore(RestoreRequest request) {
    if (!request.placement.empty()) {
        return fail(EINVAL, "scattered pages have no addresses");
    }
    auto memory = adopt_memory(request.exporter, std::move(request.memory));
    if (!memory) {
        return memory.error();
    }
    return std::unique_ptr<Backing>(
        std::make_unique<Allocation>(*this, *std::move(memory), request.request.size_bytes));
}

HeapUsage IommuHeap::usage() const {
    return {.total = 0, .allocated = allocated_, .largest_free = 0};
}

Result<std::uint64_t> IommuHeap::map_iommu(const Backing& buffer, const IommuMapping& mapping) {
    if (!spaces_) {
        return fail(ENODEV, "there is no IOMMU");
    }
    const MappingKey key{&buffer, mapping.domain, mapping.partition};
    if (mappings_.contains(key)) {
        return fail(EEXIST, "the buffer is mapped there already");
    }
    const auto range = spaces_->take(mapping, buffer.size());
    if (!range) {
        return range.error();
    }
    mappings_.emplace(key, *range);
    return range->base;
}

void IommuHeap::unmap_iommu(const Backing& buffer, const IommuMapping& mapping) {
    const auto found = mappings_.find({&buffer, mapping.domain, mapping.partition});
    if (found != mappings_.end()) {
        spaces_->release(mapping.domain, mapping.partition, found->second);
        mappings_.erase(found);
    }
}

/// Takes a buffer that is going out of every address space.
void IommuHeap::forget(const Allocation& buffer) {
    auto one = mappings_.lower_bound({&buffer, 0, 0});
    while (one != mappings_.end() && std::get<0>(one->first) == &buffer) {
        spaces_->release(std::get<1>(one->first), std::get<2>(one->first), one->second);
        one = mappings_.erase(one);
    }
}

namespace {

/// Nothing where the options say that there is no IOMMU.
Result<std::optional<IovaSpaces>> spaces_of(const Options& options) {
    if (!options.flag("iommu")) {
        return std::optional<IovaSpaces>();
    }
    const IovaSpaces::Layout layout{.domains = static_cast<std::uint32_t>(options.number("domains")),
                                    .partitions = static_cast<std::uint32_t>(options.number("partitions")),
                                    .base = options.number("partition_base"),
                                    .partition_size = options.number("partition_size")};
    if ((layout.base | layout.partition_size) % kPageSize != 0) {
        return fail(EINVAL, "partition_base and partition_size must be multiples of the page size");
    }
    const auto all = checked_mul(layout.partitions, layout.partition_size);
    if (!all || !checked_add(layout.base, *all)) {
        return fail(EINVAL, "the partitions are more than 64 bits can address");
    }
    return std::optional(IovaSpaces(layout));
}

}  // namespace

Result<std::unique_ptr<Heap>> make_iommu_heap(HeapParameters parameters) {
    auto spaces = spaces_of(parameters.options);
    if (!spaces) {
        return spaces.error();
    }
    auto exporters = open_exporters(parameters);
    if (!exporters) {
        return exporters.error();
    }
    return std::unique_ptr<Heap>(
        std::make_unique<IommuHeap>(*std::move(exporters), *std::move(spaces), parameters.total_ram));
}

}  // namespace ion
