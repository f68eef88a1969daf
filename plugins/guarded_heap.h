// SPDX-License-Identifier: Apache-2.0
//
// GuardedHeap: a plug-in's heap as the rest of the daemon may use it. Each operation of Heap goes through its
// PluginGuard; so do those of its buffers and their memory.

#pragma once

#include <memory>
#include <string>

#include "heaps/heap.h"
#include "heaps/heap_type.h"
#include "plugins/plugin_guard.h"

namespace ion {

/// What comes of too many exceptions, for a PluginGuard.
inline constexpr const char* kHeapPenalty = "gets no more allocations until it is replaced";

class GuardedHeap final : public Heap {
  public:
    /// Makes a heap of a plug-in's type. Errors: those of `make`; EIO when it throws or returns none.
    [[nodiscard]] static Result<std::unique_ptr<Heap>> make(const HeapType& type, HeapParameters parameters,
                                                            PluginGuard guard);

    ~GuardedHeap() override;

    /// Errors: also ENODEV when the heap is disabled; EIO when a buffer is not what was asked for.
    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override;
    [[nodiscard]] Result<std::unique_ptr<Backing>> restore(RestoreRequest request) override;
    [[nodiscard]] HeapUsage usage() const override;
    [[nodiscard]] bool has_addresses() const override { return has_addresses_; }
    [[nodiscard]] Result<std::uint64_t> phys(const Backing& buffer) const override;
    [[nodiscard]] Result<std::vector<PlacedRange>> map_dma(const Backing& buffer) override;
    void unmap_dma(const Backing& buffer) override;
    [[nodiscard]] Result<std::span<std::byte>> map_kernel(const Backing& buffer) override;
    void unmap_kernel(const Backing& buffer, std::span<std::byte> bytes) override;
    [[nodiscard]] Result<void> map_user(const Backing& buffer) override;
    void unmap_user(const Backing& buffer) override;
    [[nodiscard]] Result<void> cache_op(const Backing& buffer, CacheOperation operation, std::uint64_t offset,
                                        std::uint64_t length) override;
    [[nodiscard]] Result<std::uint64_t> map_iommu(const Backing& buffer,
                                                  const IommuMapping& mapping) override;
    void unmap_iommu(const Backing& buffer, const IommuMapping& mapping) override;
    [[nodiscard]] bool protects_content() const override;
    [[nodiscard]] Result<void> secure() override;
    [[nodiscard]] Result<void> unsecure() override;
    std::uint64_t shrink(std::uint64_t bytes) override;
    [[nodiscard]] bool defers_free() const override;
    [[nodiscard]] bool can_shrink() const override;
    [[nodiscard]] MemoryMap memory_map() const override;
    [[nodiscard]] std::string print_debug(DebugLayout layout) const override;
    [[nodiscard]] int arena_fd() const override { return arena_fd_; }

  private:
    GuardedHeap(std::unique_ptr<Heap> heap, PluginGuard guard);
    [[nodiscard]] Result<std::unique_ptr<Backing>> guarded(Result<std::unique_ptr<Backing>> made,
                                                           std::uint64_t size);

    mutable PluginGuard guard_;
    std::unique_ptr<Heap> heap_;
    bool has_addresses_ = false;
    int arena_fd_ = -1;
};

}  // namespace ion
