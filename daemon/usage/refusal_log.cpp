// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/refusal_log.h"

#include <algorithm>
#include <utility>

namespace ion {
namespace {

bool in_mask(HeapId heap, std::uint32_t mask) {
    return heap.value < 32 && (mask >> heap.value & 1) != 0;
}

}  // namespace

void RefusalLog::note(const Device& device, ClientId client, const AllocationRequest& request,
                      const Error& error, std::int64_t unix_seconds) {
    ++totals_[error.code];
    if (count_ == 0 || clients_from_ != unix_seconds) {
        clients_from_ = unix_seconds;
        clients_.clear();
        for (const auto& [id, one] : device.state().clients()) {
            if (!one.holdings.bytes.empty()) {
                clients_.push_back(
                    {one.opened.pid, comm_text(one.opened.comm), one.opened.uid, one.holdings.bytes});
            }
        }
    }
    AllocationRefusal refusal{.number = ++count_,
                              .unix_seconds = unix_seconds,
                              .client = client,
                              .pid = 0,
                              .comm = {},
                              .uid = 0,
                              .request = request,
                              .error = error.code,
                              .reason = error.context,
                              .heaps = {},
                              .holders = biggest_holders(request.heap_mask)};
    if (const Client* who = device.state().client(client)) {
        refusal.pid = who->opened.pid;
        refusal.comm = comm_text(who->opened.comm);
        refusal.uid = who->opened.uid;
    }
    for (const RegisteredHeap* heap : device.heaps().matching(request.heap_mask, request.order)) {
        refusal.heaps.push_back({heap->name, heap->heap->usage()});
    }
    last_.push_back(std::move(refusal));
    if (last_.size() > kKept) {
        last_.pop_front();
    }
}

/// A buffer counts for everybody who has it.
std::vector<RefusalHolder> RefusalLog::biggest_holders(std::uint32_t mask) const {
    std::vector<RefusalHolder> holders;
    for (const Holdings& client : clients_) {
        RefusalHolder holder{client.pid, client.comm, client.uid, 0};
        for (const auto& [heap, bytes] : client.bytes) {
            holder.bytes += in_mask(heap, mask) ? bytes : 0;
        }
        if (holder.bytes > 0) {
            holders.push_back(std::move(holder));
        }
    }
    std::ranges::stable_sort(holders, std::greater{}, &RefusalHolder::bytes);
    holders.resize(std::min(holders.size(), kHoldersShown));
    return holders;
}

}  // namespace ion
