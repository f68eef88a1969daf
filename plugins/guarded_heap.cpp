// SPDX-License-Identifier: Apache-2.0

#include "plugins/guarded_heap.h"

#include "plugins/guarded_buffer.h"

namespace ion {
namespace {

const Backing& inner(const Backing& buffer) {
    return GuardedBacking::inner(buffer);
}

}  // namespace

Result<std::unique_ptr<Heap>> GuardedHeap::make(const HeapType& type, HeapParameters parameters,
                                                PluginGuard guard) {
    auto heap = guard.run("make", [&] { return type.make(std::move(parameters)); });
    if (!heap) {
        return heap.error();
    }
    if (*heap == nullptr) {
        return fail(EIO, "the plug-in gave no heap");
    }
    return std::unique_ptr<Heap>(new GuardedHeap(*std::move(heap), std::move(guard)));
}

GuardedHeap::GuardedHeap(std::unique_ptr<Heap> heap, PluginGuard guard)
    : guard_(std::move(guard)), heap_(std::move(heap)) {
    has_addresses_ = guard_.run(
        "has_addresses", [&] { return heap_->has_addresses(); }, false);
    arena_fd_ = guard_.run(
        "arena_fd", [&] { return heap_->arena_fd(); }, -1);
}

GuardedHeap::~GuardedHeap() {
    guard_.run("destruction", [&] { heap_.reset(); });
}

Result<std::unique_ptr<Backing>> GuardedHeap::guarded(Result<std::unique_ptr<Backing>> made,
                                                      std::uint64_t size) {
    return made ? GuardedBacking::wrap(*std::move(made), size, guard_) : std::move(made);
}

Result<std::unique_ptr<Backing>> GuardedHeap::allocate(const HeapRequest& request) {
    if (guard_.disabled()) {
        return fail(ENODEV, "its plug-in threw too many exceptions");
    }
    return guarded(guard_.run("allocate", [&] { return heap_->allocate(request); }), request.size_bytes);
}

Result<std::unique_ptr<Backing>> GuardedHeap::restore(RestoreRequest request) {
    const std::uint64_t size = request.request.size_bytes;
    return guarded(guard_.run("restore", [&] { return heap_->restore(std::move(request)); }), size);
}

HeapUsage GuardedHeap::usage() const {
    return guard_.run(
        "usage", [&] { return heap_->usage(); }, HeapUsage{});
}

Result<std::uint64_t> GuardedHeap::phys(const Backing& buffer) const {
    return guard_.run("phys", [&] { return heap_->phys(inner(buffer)); });
}

Result<std::vector<PlacedRange>> GuardedHeap::map_dma(const Backing& buffer) {
    return guard_.run("map_dma", [&] { return heap_->map_dma(inner(buffer)); });
}

void GuardedHeap::unmap_dma(const Backing& buffer) {
    guard_.run("unmap_dma", [&] { heap_->unmap_dma(inner(buffer)); });
}

Result<std::span<std::byte>> GuardedHeap::map_kernel(const Backing& buffer) {
    return guard_.run("map_kernel", [&] { return heap_->map_kernel(inner(buffer)); });
}

void GuardedHeap::unmap_kernel(const Backing& buffer, std::span<std::byte> bytes) {
    guard_.run("unmap_kernel", [&] { heap_->unmap_kernel(inner(buffer), bytes); });
}

Result<void> GuardedHeap::map_user(const Backing& buffer) {
    return guard_.run("map_user", [&] { return heap_->map_user(inner(buffer)); });
}

void GuardedHeap::unmap_user(const Backing& buffer) {
    guard_.run("unmap_user", [&] { heap_->unmap_user(inner(buffer)); });
}

Result<void> GuardedHeap::cache_op(const Backing& buffer, CacheOperation operation, std::uint64_t offset,
                                   std::uint64_t length) {
    return guard_.run("cache_op", [&] { return heap_->cache_op(inner(buffer), operation, offset, length); });
}

Result<std::uint64_t> GuardedHeap::map_iommu(const Backing& buffer, const IommuMapping& mapping) {
    return guard_.run("map_iommu", [&] { return heap_->map_iommu(inner(buffer), mapping); });
}

void GuardedHeap::unmap_iommu(const Backing& buffer, const IommuMapping& mapping) {
    guard_.run("unmap_iommu", [&] { heap_->unmap_iommu(inner(buffer), mapping); });
}

bool GuardedHeap::protects_content() const {
    return guard_.run(
        "protects_content", [&] { return heap_->protects_content(); }, false);
}

Result<void> GuardedHeap::secure() {
    return guard_.run("secure", [&] { return heap_->secure(); });
}

Result<void> GuardedHeap::unsecure() {
    return guard_.run("unsecure", [&] { return heap_->unsecure(); });
}

std::uint64_t GuardedHeap::shrink(std::uint64_t bytes) {
    return guard_.run(
        "shrink", [&] { return heap_->shrink(bytes); }, std::uint64_t{0});
}

bool GuardedHeap::defers_free() const {
    return guard_.run(
        "defers_free", [&] { return heap_->defers_free(); }, false);
}

bool GuardedHeap::can_shrink() const {
    return guard_.run(
        "can_shrink", [&] { return heap_->can_shrink(); }, false);
}

MemoryMap GuardedHeap::memory_map() const {
    return guard_.run(
        "memory_map", [&] { return heap_->memory_map(); }, MemoryMap::kNone);
}

std::string GuardedHeap::print_debug(DebugLayout layout) const {
    return guard_.run(
        "print_debug", [&] { return heap_->print_debug(layout); }, std::string());
}

}  // namespace ion
