// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/heap_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "daemon/host/default_limits.h"

namespace ion {

namespace {

const HeapConfig* find(const Config& config, const std::string& name) {
    const auto found = std::ranges::find(config.heaps, name, &HeapConfig::name);
    return found == config.heaps.end() ? nullptr : &*found;
}

/// "COMM (pid N)".
std::string process_text(const Comm& comm, std::int32_t pid) {
    return fmt::format("{} (pid {})", std::string_view(comm.data(), ::strnlen(comm.data(), comm.size())),
                       pid);
}

/// Who has the buffer: the clients with a handle to it, else the last one known.
void add_holders(const State& state, const Buffer& buffer, std::set<std::string>& holders) {
    const BufferId id = buffer.made.buffer;
    bool held = false;
    for (const auto& [client_id, client] : state.clients()) {
        if (client.handles.of(id).value != 0 || client.owned.contains(id)) {
            holders.insert(client.kernel_name.empty() ? process_text(client.opened.comm, client.opened.pid)
                                                      : client.kernel_name + " (a driver)");
            held = true;
        }
    }
    if (!held) {
        holders.insert("descriptors or mappings, last known of " +
                       process_text(buffer.made.comm, buffer.made.pid));
    }
}

}  // namespace

/// What apply() is going to do.
struct HeapChanges::Plan {
    std::vector<HeapId> gone;
    std::vector<RegisteredHeap> made;
    ChangedHeaps names;
};

bool HeapChanges::untouched(const CheckedConfiguration& next, const HeapConfig& heap) const {
    const HeapConfig* before = find(served_.config, heap.name);
    const HeapConfig* after = find(next.config, heap.name);
    return before != nullptr && after != nullptr && same_heap(*before, *after) &&
           served_.plugins.owner_of(before->type) == next.plugins.owner_of(after->type) &&
           heaps_.find(HeapId{after->id}) != nullptr;
}

Result<void> HeapChanges::require_empty(const HeapConfig& heap) {
    std::vector<BufferId> buffers;
    for (const auto& [id, buffer] : device_.state().buffers()) {
        if (buffer.made.heap == HeapId{heap.id}) {
            buffers.push_back(id);
        }
    }
    // One whose last outside use has just ended may not have been noticed yet.
    std::erase_if(buffers, [&](BufferId id) { return device_.release_if_idle(id); });
    if (buffers.empty()) {
        return {};
    }
    std::uint64_t bytes = 0;
    std::set<std::string> holders;
    for (const BufferId id : buffers) {
        const Buffer& buffer = *device_.state().buffer(id);
        bytes += buffer.made.size;
        add_holders(device_.state(), buffer, holders);
    }
    return fail(EBUSY, fmt::format("heap \"{}\" has {} buffers ({} bytes), held by {}", heap.name,
                                   buffers.size(), bytes, fmt::join(holders, ", ")));
}

Result<HeapChanges::Plan> HeapChanges::plan(const CheckedConfiguration& next) {
    Plan plan;
    for (const HeapConfig& heap : served_.config.heaps) {
        if (untouched(next, heap)) {
            continue;
        }
        if (auto empty = require_empty(heap); !empty) {
            return empty.error();
        }
        plan.gone.push_back(HeapId{heap.id});
        if (find(next.config, heap.name) == nullptr) {
            plan.names.removed.push_back(heap.name);
        }
    }
    for (const HeapConfig& heap : next.config.heaps) {
        if (untouched(next, heap)) {
            continue;
        }
        auto made = make_heap(next.config, next.plugins, heap, {}, surroundings_);
        if (!made) {
            return made.error();
        }
        plan.made.push_back(*std::move(made));
        auto& names = find(served_.config, heap.name) == nullptr ? plan.names.added : plan.names.replaced;
        names.push_back(heap.name);
    }
    return plan;
}

std::vector<Record> HeapChanges::records_of(const Plan& plan, const CheckedConfiguration& next) const {
    std::vector<Record> records{record_of(next)};
    stage_plugins(next, device_.state(), records);
    for (const HeapId id : plan.gone) {
        records.emplace_back(HeapGone{id});
    }
    for (const RegisteredHeap& heap : plan.made) {
        const int fd = heap.heap->arena_fd();
        if (const auto file = file_id_of(fd); fd >= 0 && file) {
            records.emplace_back(ArenaCreated{heap.id, fd, *file});
        }
    }
    return records;
}

void HeapChanges::apply_rules() {
    device_.set_limits(limits_with_defaults(served_.config.limits, SharedMeans::here()));
    for (const HeapConfig& heap : served_.config.heaps) {
        heaps_.set_rules(HeapId{heap.id}, heap.rules);
    }
}

Result<ChangedHeaps> HeapChanges::apply(CheckedConfiguration next) {
    if (next.config.personality != served_.config.personality) {
        return fail(EINVAL, "personality: it cannot change while clients are served: restart iond for that");
    }
    if (next.drivers != served_.drivers) {
        return fail(EINVAL, "drivers: they cannot change while they run: restart iond for that");
    }
    auto plan = this->plan(next);
    if (!plan) {
        return plan.error();
    }
    Transaction tx;
    tx.records = records_of(*plan, next);
    if (auto committed = device_.commit(std::move(tx)); !committed) {
        return committed.error();
    }
    for (const HeapId id : plan->gone) {
        (void)heaps_.remove(id);
    }
    for (RegisteredHeap& heap : plan->made) {
        abandoned_.fetch_and(~(1ULL << heap.id.value));
        (void)heaps_.add(std::move(heap));  // ids are unique in a checked configuration
    }
    served_ = std::move(next);
    apply_rules();
    return std::move(plan->names);
}

}  // namespace ion
