// SPDX-License-Identifier: Apache-2.0
//
// SystemHeap: the kernel's system heap: memory without addresses, with deferred free and pools.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "daemon/base/result.h"
#include "heaps/heap_type.h"
#include "heaps/memory_pool.h"
#include "heaps/unplaced_heap.h"

namespace ion {

class SystemHeap final : public UnplacedHeap {
  public:
    /// `pool`: this heap's own.
    SystemHeap(ExporterChain exporters, std::uint64_t total_ram, std::shared_ptr<MemoryPool> pool)
        : UnplacedHeap(std::move(exporters), total_ram), pool_(std::move(pool)) {}

    [[nodiscard]] HeapUsage usage() const override;
    std::uint64_t shrink(std::uint64_t bytes) override { return pool_->shrink(bytes); }
    [[nodiscard]] bool defers_free() const override { return true; }
    [[nodiscard]] bool can_shrink() const override { return true; }
    [[nodiscard]] std::string print_debug(DebugLayout layout) const override;

  private:
    [[nodiscard]] Result<std::unique_ptr<Memory>> make_memory(const HeapRequest& request) override;
    void give_back(std::unique_ptr<Memory> memory, const HeapRequest& request) override;

    std::shared_ptr<MemoryPool> pool_;
};

/// HeapType::options and HeapType::make of "system".
inline constexpr std::array kSystemHeapOptions{
    OptionSpec{.name = "pool_bytes",
               .kind = OptionKind::kSize,
               .initial = std::uint64_t{64} << 20,
               .help = "freed memory that is kept for later buffers; 0 for none, at most 1/16 of the memory"},
    OptionSpec{.name = "pool_largest",
               .kind = OptionKind::kSize,
               .initial = std::uint64_t{16} << 20,
               .help = "size of the largest buffer whose memory is kept"},
    OptionSpec{.name = "pool_buffers",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{256},
               .maximum = 65536,
               .help = "number of buffers whose memory is kept, a descriptor of the daemon each"},
};
[[nodiscard]] Result<std::unique_ptr<Heap>> make_system_heap(HeapParameters parameters);

}  // namespace ion
