// SPDX-License-Identifier: Apache-2.0

#include "heaps/unplaced_heap.h"

#include <string>
#include <utility>

#include "daemon/base/checked_math.h"

namespace ion {

class UnplacedHeap::Allocation final : public Backing {
  public:
    /// `heap` outlives this (the rule for every Backing).
    Allocation(UnplacedHeap& heap, std::unique_ptr<Memory> memory, const HeapRequest& request)
        : heap_(heap), memory_(std::move(memory)), request_(request) {
        heap_.allocated_ += request_.size_bytes;
    }
    ~Allocation() override {
        heap_.allocated_ -= request_.size_bytes;
        heap_.give_back(std::move(memory_), request_);
    }

    [[nodiscard]] const Memory& memory() const override { return *memory_; }
    [[nodiscard]] std::uint64_t size() const override { return request_.size_bytes; }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return {}; }

  private:
    UnplacedHeap& heap_;
    std::unique_ptr<Memory> memory_;
    HeapRequest request_;
};

Result<std::unique_ptr<Backing>> UnplacedHeap::allocate(const HeapRequest& request) {
    if (request.size_bytes == 0 || request.size_bytes % kPageSize != 0) {
        return fail(EINVAL, "the size is not one of whole pages");
    }
    if (request.size_bytes > total_ram_ / 2) {
        return fail(ENOMEM, std::to_string(request.size_bytes) + " bytes are more than half of the memory");
    }
    if (auto checked = check_alignment(request); !checked) {
        return checked.error();
    }
    auto memory = make_memory(request);
    if (!memory) {
        return memory.error();
    }
    return std::unique_ptr<Backing>(std::make_unique<Allocation>(*this, *std::move(memory), request));
}

Result<std::unique_ptr<Backing>> UnplacedHeap::restore(RestoreRequest request) {
    if (!request.placement.empty()) {
        return fail(EINVAL, "memory of this heap has no addresses");
    }
    auto memory = adopt_memory(request.exporter, std::move(request.memory));
    if (!memory) {
        return memory.error();
    }
    return std::unique_ptr<Backing>(std::make_unique<Allocation>(*this, *std::move(memory), request.request));
}

HeapUsage UnplacedHeap::usage() const {
    return {.total = 0, .allocated = allocated_, .largest_free = 0};
}

Result<void> UnplacedHeap::check_alignment(const HeapRequest& request) const {
    if (request.align_bytes > kPageSize) {
        return fail(EINVAL, "memory of this heap is aligned to pages only");
    }
    return {};
}

Result<std::unique_ptr<Memory>> UnplacedHeap::make_memory(const HeapRequest& request) {
    return exporters_.create(request.size_bytes);
}

void UnplacedHeap::give_back(std::unique_ptr<Memory> /*memory*/, const HeapRequest& /*request*/) {}

}  // namespace ion
