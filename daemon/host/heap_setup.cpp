// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/heap_setup.h"

#include <fmt/format.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "plugins/guarded_heap.h"

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

Result<std::unique_ptr<Heap>> make(const PluginSet& plugins, const HeapType& type, HeapParameters parameters,
                                   Activity* activity) {
    const LoadedPlugin* plugin = plugins.owner_of(type.name);
    if (plugin == nullptr) {
        return type.make(std::move(parameters));
    }
    PluginGuard guard(*activity, fmt::format("heap \"{}\" of plug-in {}", parameters.name, plugin->title()),
                      static_cast<int>(parameters.id), kHeapPenalty);
    return GuardedHeap::make(type, std::move(parameters), std::move(guard));
}

}  // namespace

Result<RegisteredHeap> make_heap(const Config& config, const PluginSet& plugins, const HeapConfig& one,
                                 UniqueFd arena, const HeapSurroundings& surroundings) {
    const HeapType* type = find_heap_type(plugins.types(), one.type);
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
                              .scrubber = surroundings.scrubber,
                              .arena = std::move(arena)};
    auto heap = make(plugins, *type, std::move(parameters), surroundings.activity);
    if (!heap) {
        return fail(heap.error().code, one.where + ": heap \"" + one.name + "\": " + heap.error().context);
    }
    return RegisteredHeap{HeapId{one.id}, one.type_number, one.type, one.name, *std::move(heap), one.rules};
}

Result<HeapSet> make_heaps(const Config& config, const PluginSet& plugins, const State& former,
                           std::uint64_t abandoned, const HeapSurroundings& surroundings) {
    HeapSet heaps;
    for (const HeapConfig& one : config.heaps) {
        if ((abandoned >> one.id & 1U) != 0) {
            ION_ERROR_ABOUT(log::Subject{.heap = one.name}, "worker",
                            "heap \"{}\" is left out: its plug-in ends each worker that makes it", one.name);
            continue;
        }
        auto heap = make_heap(config, plugins, one, former_arena(one.id, former), surroundings);
        if (!heap) {
            return heap.error();
        }
        if (auto added = heaps.add(*std::move(heap)); !added) {
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
