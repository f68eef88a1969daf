// SPDX-License-Identifier: Apache-2.0
//
// ModelRun: what the model holds, against the usage files.

#include "tests/stateful/model_run.h"

#include <algorithm>

#include "client/usage/figures.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

/// Bytes by heap of each client that has any, in order; by process.
using Holdings = std::map<pid_t, std::vector<std::map<std::string, std::uint64_t>>>;

std::string text_of(const Holdings& holdings) {
    std::string text;
    for (const auto& [pid, clients] : holdings) {
        for (const auto& client : clients) {
            text += " (" + std::to_string(pid);
            for (const auto& [heap, bytes] : client) {
                text += " " + heap + " " + std::to_string(bytes);
            }
            text += ")";
        }
    }
    return text;
}

struct HeapBytes {
    std::uint64_t all = 0;
    std::uint64_t orphaned = 0;
    bool operator==(const HeapBytes&) const = default;
};

}  // namespace

bool ModelRun::has_anybody(BufferId buffer) const {
    return model_.holders(buffer) != 0 ||
           std::ranges::find(descriptors_, buffer, &Descriptor::buffer) != descriptors_.end() ||
           std::ranges::find(mappings_, buffer, &Mapping::buffer) != mappings_.end();
}

void ModelRun::forget_unheld() {
    std::erase_if(model_.buffers, [&](const auto& one) {
        const BufferId buffer = one.first;
        if (has_anybody(buffer)) {
            return false;
        }
        for (auto& [id, client] : model_.clients) {
            client.charged.erase(buffer);
        }
        contents_.erase(buffer);
        return true;
    });
}

std::set<BufferId> ModelRun::buffers_of(ClientId id) const {
    const ObjectModel::Client& client = model_.clients.at(id);
    std::set<BufferId> buffers = client.charged;
    for (const auto& [number, handle] : client.handles) {
        buffers.insert(handle.buffer);
    }
    return buffers;
}

void ModelRun::check_figures() {
    if (!eventually([this] { return figures_difference().empty(); })) {
        differ(figures_difference());
    }
}

std::string ModelRun::figures_difference() const {
    const auto figures = usage::parse_figures(read_file(daemon_.usage() + "/metrics"));
    if (!figures) {
        return figures.error().context;
    }
    Holdings expected;
    std::map<std::string, HeapBytes> heaps;
    std::set<BufferId> held;
    for (const auto& [id, device] : clients_) {
        std::map<std::string, std::uint64_t> bytes;
        for (const BufferId buffer : buffers_of(id)) {
            bytes[contents_.at(buffer).heap] += model_.buffers.at(buffer).size;
            held.insert(buffer);
        }
        if (!bytes.empty()) {
            expected[puppets_[device.puppet]->pid()].push_back(std::move(bytes));
        }
    }
    for (const auto& [id, buffer] : model_.buffers) {
        HeapBytes& heap = heaps[contents_.at(id).heap];
        heap.all += buffer.size;
        heap.orphaned += held.contains(id) ? 0 : buffer.size;
    }
    Holdings shown;
    for (const auto& client : figures->clients) {
        shown[client.pid].push_back(client.bytes);
    }
    for (Holdings* holdings : {&expected, &shown}) {
        for (auto& [pid, clients] : *holdings) {
            std::ranges::sort(clients);
        }
    }
    for (const auto& heap : figures->heaps) {
        const HeapBytes wanted = heaps[heap.name];
        if (HeapBytes{heap.buffer_bytes, heap.orphaned} != wanted) {
            return "heap " + heap.name + " shows " + std::to_string(heap.buffer_bytes) + " bytes, " +
                   std::to_string(heap.orphaned) + " of them orphaned, expected " +
                   std::to_string(wanted.all) + " and " + std::to_string(wanted.orphaned);
        }
    }
    if (figures->open_files != clients_.size()) {
        return std::to_string(figures->open_files) + " clients, expected " + std::to_string(clients_.size());
    }
    return shown == expected ? "" : "clients show" + text_of(shown) + ", expected" + text_of(expected);
}

}  // namespace ion::test
