// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/render_buffer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "daemon/usage/format.h"
#include "daemon/usage/snapshot_index.h"

namespace ion {
namespace {

constexpr std::string_view kNone = "-";

// Everything is appended to one text: there may be very many buffers, and the loop waits.

void add(std::string& text, std::string_view key, std::string_view value) {
    text.append(key).append(": ").append(value).push_back('\n');
}

void add(std::string& text, std::string_view key, std::uint64_t number) {
    const fmt::format_int digits(number);
    add(text, key, std::string_view(digits.data(), digits.size()));
}

/// `first`, `first,second` and so on; "-" for an empty list. `word` appends one of them.
template <typename List, typename Word>
void add_list(std::string& text, const List& list, const Word& word) {
    bool first = true;
    for (const auto& one : list) {
        if (!first) {
            text += ',';
        }
        first = false;
        word(one);
    }
    if (first) {
        text += kNone;
    }
}

void add_range(std::string& text, std::uint64_t from, std::uint64_t end) {
    fmt::format_to(std::back_inserter(text), "{:#x}-{:#x}", from, end);
}

/// Seconds with three places; not below 0, as a clock may be set back.
std::string age(std::int64_t now_ms, std::int64_t then_ms) {
    const std::int64_t ms = std::max<std::int64_t>(now_ms - then_ms, 0);
    return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

void add_origin(std::string& text, const Snapshot& snapshot, const BufferOrigin& origin) {
    const bool known = origin.unix_ms != 0;
    add(text, "created", known ? utc_time(origin.unix_ms / 1000) : std::string(kNone));
    add(text, "age", known ? age(snapshot.unix_ms, origin.unix_ms) : std::string(kNone));
    add(text, "creator_pid", static_cast<std::uint32_t>(origin.pid));
    add(text, "creator_uid", origin.uid);
    add(text, "creator_comm", process_word(comm_text(origin.comm)));
    add(text, "creator_cgroup", line_text(origin.cgroup));
}

void add_handle(std::string& text, const BufferHandle& handle) {
    fmt::format_to(std::back_inserter(text), "handle: client={} uid={} number={} references={}\n",
                   handle.name, handle.uid, handle.handle.value, handle.references);
}

void add_holder(std::string& text, const BufferHolder& holder) {
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "holder: pid={} uid={} comm={} fds=", holder.pid, holder.uid,
                   process_word(holder.comm));
    add_list(text, holder.fds, [&](int fd) { fmt::format_to(out, "{}", fd); });
    text += " maps=";
    add_list(text, holder.mappings, [&](const auto& one) { add_range(text, one.first, one.second); });
    text += '\n';
}

void add_holders(std::string& text, const Snapshot& snapshot, FileId file) {
    if (snapshot.holders == nullptr) {
        add(text, "look", "unknown");
        add(text, "look_age", kNone);
        add(text, "unseen_processes", "unknown");
        add(text, "holders", "unknown");
        return;
    }
    const BufferHolders& look = *snapshot.holders;
    add(text, "look", look.unseen == 0 && look.sees_everybody ? "complete" : "partial");
    add(text, "look_age", age(snapshot.unix_ms, look.unix_ms));
    if (look.sees_everybody) {
        add(text, "unseen_processes", look.unseen);
    } else {
        add(text, "unseen_processes", "unknown");
    }
    const auto found = look.by_file.find(file);
    add(text, "holders", found == look.by_file.end() ? 0 : found->second.size());
    if (found != look.by_file.end()) {
        for (const BufferHolder& holder : found->second) {
            add_holder(text, holder);
        }
    }
}

std::string name_of(const Snapshot& snapshot, FileId file) {
    if (snapshot.holders != nullptr) {
        if (const auto name = snapshot.holders->names.find(file); name != snapshot.holders->names.end()) {
            return line_text(name->second);
        }
    }
    return std::string(kNone);
}

void add_buffer(std::string& text, const Snapshot& snapshot, const BufferDetails& details) {
    const BufferUsage& usage = details.usage;
    const HeapFigures* heap = find_heap(snapshot, usage.heap);
    add(text, "id", usage.id.value);
    add(text, "name", name_of(snapshot, details.file));
    add(text, "size", usage.size);
    add(text, "heap", heap == nullptr ? std::string_view("?") : std::string_view(heap->name));
    text += "placement: ";
    add_list(text, usage.placement,
             [&](const PlacedRange& one) { add_range(text, one.base, one.base + one.size); });
    text += '\n';
    add(text, "exporter", exporter_name(usage.exporter));
    fmt::format_to(std::back_inserter(text), "flags: {:#x}\n", usage.flags);
    add(text, "align", details.align);
    add_origin(text, snapshot, details.origin);
    add(text, "exported", details.exported ? "yes" : "no");
    add(text, "outside", usage.outside ? "yes" : "no");
    add(text, "handles", details.handles.size());
    for (const BufferHandle& handle : details.handles) {
        add_handle(text, handle);
    }
    add_holders(text, snapshot, details.file);
}

}  // namespace

std::string render_buffer(const Snapshot& snapshot, const BufferDetails& details) {
    std::string text;
    add_buffer(text, snapshot, details);
    return text;
}

std::string render_buffers(const Snapshot& snapshot) {
    std::string text;
    for (const BufferDetails& one : snapshot.details) {
        text += text.empty() ? "" : "\n";
        add_buffer(text, snapshot, one);
    }
    return text;
}

}  // namespace ion
