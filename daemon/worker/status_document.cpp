// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/status_document.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace ion {
namespace {

/// Each heap's lowest range of addresses in use, extended to the highest.
std::map<HeapId, PlacedRange> addresses_in_use(const State& state) {
    std::map<HeapId, PlacedRange> hulls;
    for (const auto& [id, buffer] : state.buffers()) {
        for (const PlacedRange& range : buffer.made.placement) {
            PlacedRange& hull = hulls.try_emplace(buffer.made.heap, range).first->second;
            const std::uint64_t end = std::max(hull.base + hull.size, range.base + range.size);
            hull.base = std::min(hull.base, range.base);
            hull.size = end - hull.base;
        }
    }
    return hulls;
}

}  // namespace

std::string status_document(const Device& device, const StatusFacts& facts) {
    using Json = nlohmann::ordered_json;
    const auto in_use = addresses_in_use(device.state());
    Json heaps = Json::array();
    for (const auto& heap : device.heaps().all()) {
        const HeapUsage usage = heap.heap->usage();
        heaps.push_back(Json{{"id", heap.id.value},
                             {"name", heap.name},
                             {"type", heap.type_name},
                             {"size_bytes", usage.total},
                             {"allocated_bytes", usage.allocated},
                             {"largest_free_bytes", usage.largest_free}});
        if (const auto hull = in_use.find(heap.id); hull != in_use.end()) {
            heaps.back()["lowest_address"] = hull->second.base;
            heaps.back()["end_address"] = hull->second.base + hull->second.size;
        }
    }
    const Json document{{"schema", kStatusSchema},
                        {"transport", facts.transport},
                        {"worker_pid", facts.worker_pid},
                        {"clients", device.state().clients().size()},
                        {"buffers", device.state().buffers().size()},
                        {"calls_in_progress", facts.calls_in_progress},
                        {"journal_bytes", facts.journal_bytes},
                        {"heaps", heaps}};
    return document.dump(2) + "\n";
}

}  // namespace ion
