// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/usage_files.h"

#include <algorithm>

#include "daemon/transport/reply.h"

namespace ion {

TreeNames UsageFiles::names() const {
    TreeNames names;
    for (const auto& heap : device_.heaps().all()) {
        names.heaps.push_back(TreeItem{heap.id.value, heap.name});
    }
    for (const auto& [id, client] : device_.state().clients()) {
        names.clients.push_back(TreeItem{
            id.value, std::to_string(client.opened.pid) + "-" + std::to_string(client.opened.serial)});
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
