// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/visibility.h"

#include <algorithm>
#include <set>
#include <utility>

namespace ion {
namespace {

constexpr const char* kHidden = "hidden";

/// The one client that stands for all others; last, with an id that no client has.
void merge_others(const Viewer& viewer, Snapshot& snapshot) {
    ClientUsage others;
    others.id = ClientId{UINT64_MAX};
    others.name = others.comm = kHidden;
    std::vector<ClientUsage> shown;
    std::set<BufferId> counted;
    for (ClientUsage& client : snapshot.clients) {
        if (viewer.sees(client.uid)) {
            shown.push_back(std::move(client));
            continue;
        }
        for (const HandleUsage& handle : client.handles) {
            if (counted.insert(handle.buffer).second) {
                others.handles.push_back({HandleId{}, 0, handle.buffer});
            }
        }
    }
    if (!others.handles.empty()) {
        shown.push_back(std::move(others));
    }
    snapshot.clients = std::move(shown);
}

void hide_in(const Viewer& viewer, BufferDetails& details) {
    for (BufferHandle& handle : details.handles) {
        if (!viewer.sees(handle.uid)) {
            handle = {.client = {}, .name = kHidden, .uid = 0, .handle = {}, .references = 0};
        }
    }
    if (!viewer.sees(details.origin.uid)) {
        BufferOrigin hidden;
        hidden.buffer = details.origin.buffer;
        hidden.unix_ms = details.origin.unix_ms;
        hidden.comm = {"hidden"};
        details.origin = std::move(hidden);
    }
}

std::shared_ptr<const BufferHolders> hidden_holders(const Viewer& viewer, const BufferHolders& all,
                                                    const std::vector<BufferDetails>& shown) {
    auto result = std::make_shared<BufferHolders>();
    result->unix_ms = all.unix_ms;
    result->unseen = all.unseen;
    result->sees_everybody = all.sees_everybody;
    for (const BufferDetails& details : shown) {
        if (const auto name = all.names.find(details.file); name != all.names.end()) {
            result->names.insert(*name);
        }
        const auto found = all.by_file.find(details.file);
        if (found == all.by_file.end()) {
            continue;
        }
        for (const BufferHolder& holder : found->second) {
            result->by_file[details.file].push_back(
                viewer.sees(holder.uid) ? holder : BufferHolder{0, 0, kHidden, {}, {}});
        }
    }
    return result;
}

}  // namespace

bool Viewer::sees(const BufferDetails& details) const {
    return sees(details.origin.uid) ||
           std::ranges::any_of(details.handles, [&](const BufferHandle& one) { return sees(one.uid); });
}

void hide_from(const Viewer& viewer, Snapshot& snapshot) {
    if (viewer.sees_all) {
        return;
    }
    merge_others(viewer, snapshot);
    std::erase_if(snapshot.details, [&](const BufferDetails& one) { return !viewer.sees(one); });
    for (BufferDetails& details : snapshot.details) {
        hide_in(viewer, details);
    }
    if (snapshot.holders != nullptr) {
        snapshot.holders = hidden_holders(viewer, *snapshot.holders, snapshot.details);
    }
    for (BufferUsage& buffer : snapshot.buffers) {
        if (!viewer.sees(buffer.last_uid)) {
            buffer.last_comm = kHidden;
            buffer.last_pid = 0;
        }
    }
    for (AllocationRefusal& refusal : snapshot.refusals) {
        if (!viewer.sees(refusal.uid)) {
            refusal.comm = kHidden;
            refusal.pid = 0;
        }
        for (RefusalHolder& holder : refusal.holders) {
            if (!viewer.sees(holder.uid)) {
                holder.comm = kHidden;
                holder.pid = 0;
            }
        }
    }
    std::erase_if(snapshot.growing, [&](const ClientGrowth& one) { return !viewer.sees(one.uid); });
}

}  // namespace ion
