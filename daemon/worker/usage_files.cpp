// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/usage_files.h"

#include <algorithm>
#include <charconv>

#include "daemon/base/checked_math.h"
#include "daemon/transport/reply.h"

namespace ion {

TreeNames UsageFiles::names() const {
    TreeNames names;
    names.layouts = layouts_;
    for (const auto& heap : device_.heaps().all()) {
        const TreeItem item{heap.id.value, heap.name};
        names.heaps.push_back(item);
        if (heap.heap->can_shrink()) {
            names.shrinkable.push_back(item);
        }
        if (heap.heap->memory_map() != MemoryMap::kNone) {
            names.mapped.push_back(item);
        }
    }
    for (const auto& [id, client] : device_.state().clients()) {
        const std::string name = client.name();
        names.clients.push_back({id.value, name + "-" + std::to_string(client.opened.serial)});
        names.legacy_clients.push_back({id.value, name});
    }
    return names;
}

Snapshot UsageFiles::snapshot() const {
    Snapshot snapshot = device_.snapshot();
    snapshot.refusals.assign(refusals_.last().begin(), refusals_.last().end());
    snapshot.refusal_totals = refusals_.totals();
    return snapshot;
}

std::uint64_t UsageFiles::size(std::uint64_t inode, std::int32_t tid) const {
    const auto& open_files = device_.state().usage_files();
    const auto file = std::find_if(open_files.rbegin(), open_files.rend(), [&](const auto& one) {
        return one.second.inode == inode && one.second.pid == tid;
    });
    if (file != open_files.rend()) {
        return file->second.content.size();
    }
    const auto text = render(inode, snapshot());
    return text ? text->size() : 0;
}

const std::string* UsageFiles::content(std::uint64_t file) const {
    const auto found = device_.state().usage_files().find(file);
    return found == device_.state().usage_files().end() ? nullptr : &found->second.content;
}

int UsageFiles::write(std::uint64_t inode, std::string_view text) {
    const auto id = shrinks(inode);
    const RegisteredHeap* heap = id ? device_.heaps().find(*id) : nullptr;
    std::uint64_t pages = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), pages);
    const std::string_view rest(parsed.ptr, static_cast<std::size_t>(text.data() + text.size() - parsed.ptr));
    if (heap == nullptr || parsed.ec != std::errc{} || (!rest.empty() && rest != "\n")) {
        return EINVAL;
    }
    const auto bytes = checked_mul(pages, kPageSize);
    heap->heap->shrink(pages == 0 || !bytes ? UINT64_MAX : *bytes);
    return 0;
}

void UsageFiles::open(SlotIndex slot, std::uint64_t inode, std::int32_t tid) {
    auto text = render(inode, snapshot());
    const std::uint64_t unique = session_->unique_of(slot);
    if (!text) {
        session_->send(slot, error_reply(unique, ENOENT));
        return;
    }
    Transaction tx;
    const std::uint64_t file = device_.state().counters().next_usage_file;
    tx.records.emplace_back(UsageOpened{file, inode, tid, *std::move(text)});
    finish(slot, open_reply(unique, file, true), std::move(tx));
}

void UsageFiles::release(SlotIndex slot, std::uint64_t file) {
    Transaction tx;
    if (device_.state().usage_files().contains(file)) {
        tx.records.emplace_back(UsageClosed{file});
    }
    finish(slot, error_reply(session_->unique_of(slot), 0), std::move(tx));
}

bool UsageFiles::resume(SlotIndex slot) {
    const auto reply = session_->slots().committed_answer(slot);
    if (reply.empty()) {
        return false;
    }
    session_->send(slot, reply);
    return true;
}

void UsageFiles::finish(SlotIndex slot, std::span<const std::byte> reply, Transaction tx) {
    session_->slots().stage_answer(slot, reply);
    if (auto committed = device_.commit(std::move(tx)); !committed) {
        session_->slots().unstage(slot);
        session_->send(slot, error_reply(session_->unique_of(slot), ENOMEM));
        return;
    }
    session_->send(slot, reply);
}

}  // namespace ion
