// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/usage_files.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "daemon/base/checked_math.h"
#include "daemon/base/log.h"
#include "daemon/host/process_info.h"
#include "daemon/host/wall_clock.h"
#include "daemon/transport/reply.h"
#include "daemon/usage/format.h"

namespace ion {
namespace {

/// Bytes of all open files' texts, which lie in the journal: readers that never close must not take the room of those
/// who allocate, nor root's for a look at that.
constexpr std::uint64_t kMostOpen = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostOpenOfRoot = 2 * kMostOpen;

}  // namespace

UsageFiles::UsageFiles(Device& device, const RefusalLog& refusals, const Faults& faults, HolderLooks* looks,
                       const UsageSettings& settings)
    : device_(device),
      refusals_(refusals),
      faults_(faults),
      looks_(looks),
      settings_(settings),
      growth_(settings.growth) {
    growth_.begin(device_.state());
}

void UsageFiles::set(const UsageSettings& settings) {
    settings_ = settings;
    growth_.set_limit(settings.growth);
}

void UsageFiles::turn() {
    for (const auto& [id, bytes] : growth_.look(device_.state(), device_.take_gained())) {
        const Client& client = *device_.state().client(id);
        ION_WARN("worker", "client {}-{} ({}) has allocated {} bytes without freeing any", client.name(),
                 client.opened.serial, process_word(comm_text(client.opened.comm)), bytes);
    }
}

UsageOwner UsageFiles::owner() const {
    return {::geteuid(), settings_.group, settings_.mode_mask};
}

Viewer UsageFiles::viewer(const UsageCaller& caller) const {
    const auto in_group = [&] {
        const auto groups = groups_of(caller.tid);
        return std::ranges::find(groups, settings_.group) != groups.end();
    };
    const bool sees_all = !settings_.hide_others || caller.uid == 0 || caller.uid == ::geteuid() ||
                          caller.gid == settings_.group || in_group();
    return {sees_all, caller.uid};
}

TreeNames UsageFiles::names(const UsageCaller& caller) const {
    TreeNames names;
    names.layouts = settings_.layouts;
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
    const Viewer who = viewer(caller);
    for (const auto& [id, client] : device_.state().clients()) {
        if (who.sees(client.opened.uid)) {
            const std::string name = client.name();
            names.clients.push_back({id.value, name + "-" + std::to_string(client.opened.serial)});
            names.legacy_clients.push_back({id.value, name});
        }
    }
    names.has_buffer = [this, who](std::uint64_t id) { return has_buffer(id, who); };
    names.all_buffers = [this, who] { return all_buffers(who); };
    return names;
}

bool UsageFiles::has_buffer(std::uint64_t id, const Viewer& viewer) const {
    if (viewer.sees_all) {
        return device_.state().buffer(BufferId{id}) != nullptr;
    }
    const auto details = device_.details(BufferId{id});
    return !details.empty() && viewer.sees(details.front());
}

std::vector<std::uint64_t> UsageFiles::all_buffers(const Viewer& viewer) const {
    std::vector<std::uint64_t> ids;
    if (viewer.sees_all) {
        for (const auto& [id, buffer] : device_.state().buffers()) {
            ids.push_back(id.value);
        }
        std::ranges::sort(ids);
        return ids;
    }
    for (const BufferDetails& details : device_.details()) {
        if (viewer.sees(details)) {
            ids.push_back(details.usage.id.value);
        }
    }
    return ids;
}

std::vector<ClientGrowth> UsageFiles::growing() const {
    std::vector<ClientGrowth> clients;
    for (const auto& [id, bytes] : growth_.growing(device_.state())) {
        const Client& client = *device_.state().client(id);
        clients.push_back({id, client.name() + "-" + std::to_string(client.opened.serial), client.opened.pid,
                           comm_text(client.opened.comm), client.opened.uid, bytes});
    }
    return clients;
}

/// With what the file needs, and no more: most files are about one thing among very many.
Snapshot UsageFiles::snapshot(std::uint64_t inode, const Viewer& viewer) const {
    const Needs needs = needs_of(inode);
    Snapshot snapshot;
    if (needs == Needs::kFigures || needs == Needs::kAll) {
        snapshot = device_.snapshot();
    }
    if (needs == Needs::kRefusals || needs == Needs::kAll) {
        snapshot.refusals.assign(refusals_.last().begin(), refusals_.last().end());
        snapshot.refusal_totals = refusals_.totals();
    }
    if (needs == Needs::kFaults || needs == Needs::kAll) {
        snapshot.faults = faults_.figures();
    }
    if (needs == Needs::kAll) {
        snapshot.growing = growing();
    }
    if (needs == Needs::kBuffer || needs == Needs::kBuffers) {
        snapshot.heaps = device_.heap_figures();
        snapshot.details = needs == Needs::kBuffer ? device_.details(buffer_of(inode)) : device_.details();
        snapshot.holders = looks_ == nullptr ? nullptr : looks_->last();
    }
    snapshot.unix_ms = unix_ms();
    hide_from(viewer, snapshot);
    return snapshot;
}

/// False for a text that an open would not show because it waits for a look.
bool UsageFiles::lasts(std::uint64_t inode) const {
    const Needs needs = needs_of(inode);
    return (needs != Needs::kBuffer && needs != Needs::kBuffers) || looks_ == nullptr || looks_->fresh();
}

std::uint64_t UsageFiles::size(std::uint64_t inode, const UsageCaller& caller) const {
    const auto& open_files = device_.state().usage_files();
    const auto file = std::find_if(open_files.rbegin(), open_files.rend(), [&](const auto& one) {
        return one.second.inode == inode && one.second.pid == caller.tid;
    });
    if (file != open_files.rend()) {
        return file->second.content.size();
    }
    const auto now = RecentTexts::Clock::now();
    if (const std::string* known = recent_.find(caller.tid, inode, now)) {
        return known->size();
    }
    auto text = render(inode, snapshot(inode, viewer(caller)));
    const std::uint64_t bytes = text ? text->size() : 0;
    if (text && lasts(inode)) {
        recent_.remember(caller.tid, inode, now, *std::move(text));
    }
    return bytes;
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

void UsageFiles::open(SlotIndex slot, std::uint64_t inode, const UsageCaller& caller) {
    const Needs needs = needs_of(inode);
    const Viewer who = viewer(caller);
    if (looks_ != nullptr && (needs == Needs::kBuffer || needs == Needs::kBuffers)) {
        looks_->when_fresh([=, this, tid = caller.tid] { answer_open(slot, inode, tid, who); });
    } else {
        answer_open(slot, inode, caller.tid, who);
    }
}

void UsageFiles::answer_open(SlotIndex slot, std::uint64_t inode, std::int32_t tid, const Viewer& viewer) {
    if (needs_of(inode) == Needs::kBuffer) {
        device_.look(buffer_of(inode));
    }
    auto text = recent_.take(tid, inode, RecentTexts::Clock::now());
    if (!text) {
        text = render(inode, snapshot(inode, viewer));
    }
    const std::uint64_t unique = session_->unique_of(slot);
    if (!text) {
        session_->send(slot, error_reply(unique, ENOENT));
        return;
    }
    if (device_.state().usage_bytes() + text->size() > (viewer.uid == 0 ? kMostOpenOfRoot : kMostOpen)) {
        session_->send(slot, error_reply(unique, ENFILE));
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
