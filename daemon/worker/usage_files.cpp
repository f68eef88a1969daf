// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/usage_files.h"

#include <algorithm>
#include <charconv>

#include "daemon/base/checked_math.h"
#include "daemon/host/wall_clock.h"
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
    names.has_buffer = [this](std::uint64_t id) { return device_.state().buffer(BufferId{id}) != nullptr; };
    names.all_buffers = [this] {
        std::vector<std::uint64_t> ids;
        for (const auto& [id, buffer] : device_.state().buffers()) {
            ids.push_back(id.value);
        }
        std::ranges::sort(ids);
        return ids;
    };
    return names;
}

/// With what the file needs, and no more: most clients of this are about one thing among very many.
Snapshot UsageFiles::snapshot(std::uint64_t inode) const {
    const Needs needs = needs_of(inode);
    Snapshot snapshot;
    if (needs == Needs::kFigures || needs == Needs::kAll) {
        snapshot = device_.snapshot();
    }
    if (needs == Needs::kRefusals || needs == Needs::kAll) {
        snapshot.refusals.assign(refusals_.last().begin(), refusals_.last().end());
        snapshot.refusal_totals = refusals_.totals();
    }
    if (needs == Needs::kBuffer || needs == Needs::kBuffers) {
        snapshot.heaps = device_.heap_figures();
        snapshot.details = needs == Needs::kBuffer ? device_.details(buffer_of(inode)) : device_.details();
        snapshot.holders = looks_ == nullptr ? nullptr : looks_->last();
    }
    snapshot.unix_ms = unix_ms();
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
    const auto text = render(inode, snapshot(inode));
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
    const Needs needs = needs_of(inode);
    if (looks_ != nullptr && (needs == Needs::kBuffer || needs == Needs::kBuffers)) {
        looks_->when_fresh([=, this] { answer_open(slot, inode, tid); });
    } else {
        answer_open(slot, inode, tid);
    }
}

void UsageFiles::answer_open(SlotIndex slot, std::uint64_t inode, std::int32_t tid) {
    if (needs_of(inode) == Needs::kBuffer) {
        device_.look(buffer_of(inode));
    }
    auto text = render(inode, snapshot(inode));
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
