// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/heap_setup.h"

#include <unistd.h>

#include "heaps/heap_catalog.h"

namespace ion {

namespace {

std::uint64_t total_ram() {
    return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
}

UniqueFd former_arena(std::uint32_t heap, const State& former) {
    const auto arena = former.arenas().find(HeapId{heap});
    if (arena == former.arenas().end() || !still_is(arena->second.fd, arena->second.file)) {
        return {};
    }
    return UniqueFd(arena->second.fd);
}

}  // namespace

Result<HeapSet> make_heaps(const Config& config, const State& former, Scrubber* scrubber) {
    HeapSet heaps;
    for (const HeapConfig& one : config.heaps) {
        const HeapType* type = find_heap_type(builtin_heap_types(), one.type);
        if (type == nullptr) {
            return fail(EINVAL, one.where + ": no heap type \"" + one.type + "\"");
        }
        HeapParameters parameters{.id = one.id,
                                  .name = one.name,
                                  .base = one.base,
                                  .size = one.size,
                                  .align = one.align,
                                  .secured = one.secured,
                                  .exporters = one.exporters,
                                  .options = one.options,
                                  .total_ram = total_ram(),
                                  .generation_a = config.personality == Personality::kMsm34,
                                  .scrubber = scrubber,
                                  .arena = former_arena(one.id, former)};
        auto heap = type->make(std::move(parameters));
        if (!heap) {
            return fail(heap.error().code,
                        one.where + ": heap \"" + one.name + "\": " + heap.error().context);
        }
        auto added =
            heaps.add(RegisteredHeap{HeapId{one.id}, one.type_number, one.type, one.name, *std::move(heap)});
        if (!added) {
            return added.error();
        }
    }
    return heaps;
}

std::vector<Record> new_arenas(const HeapSet& heaps, const State& former) {
    std::vector<Record> records;
    for (const auto& heap : heaps.all()) {
        const int fd = heap.heap->arena_fd();
        const auto known = former.arenas().find(heap.id);
        if (fd < 0 || (known != former.arenas().end() && known->second.fd == fd)) {
            continue;
        }
        if (const auto file = file_id_of(fd)) {
            records.emplace_back(ArenaCreated{heap.id, fd, *file});
        }
    }
    return records;
}

}  // namespace ion
