// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/status_document.h"

#include <nlohmann/json.hpp>

namespace ion {

std::string status_document(const Device& device, const StatusFacts& facts) {
    using Json = nlohmann::ordered_json;
    Json heaps = Json::array();
    for (const auto& heap : device.heaps().all()) {
        const HeapUsage usage = heap.heap->usage();
        heaps.push_back(Json{{"id", heap.id.value},
                             {"name", heap.name},
                             {"type", heap.type_name},
                             {"size_bytes", usage.total},
                             {"allocated_bytes", usage.allocated},
                             {"largest_free_bytes", usage.largest_free}});
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
