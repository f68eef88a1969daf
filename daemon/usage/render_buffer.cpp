// SPDX-License-Identifier: Apache-2.0

#include "daemon/usage/render_buffer.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/usage/format.h"
#include "daemon/usage/snapshot_index.h"

namespace ion {
namespace {

constexpr const char* kNone = "-";

std::string line(std::string_view key, std::string_view value) {
    return fmt::format("{}: {}\n", key, value);
}

/// `first`, `first,second` and so on; "-" for an empty list.
template <typename List, typename Word>
std::string words(const List& list, std::string_view separator, const Word& word) {
    std::string text;
    for (const auto& one : list) {
        text += text.empty() ? "" : separator;
        text += word(one);
    }
    return text.empty() ? kNone : text;
}

/// Seconds with three places; not below 0, as a clock may be set back.
std::string age(std::int64_t now_ms, std::int64_t then_ms) {
    const std::int64_t ms = std::max<std::int64_t>(now_ms - then_ms, 0);
    return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

std::string origin_lines(const Snapshot& snapshot, const BufferOrigin& origin) {
    const bool known = origin.unix_ms != 0;
    return line("created", known ? utc_time(origin.unix_ms / 1000) : kNone) +
           line("age", known ? age(snapshot.unix_ms, origin.unix_ms) : kNone) +
           line("creator_pid", std::to_string(origin.pid)) + line("creator_uid", std::to_string(origin.uid)) +
           line("creator_comm", process_word(comm_text(origin.comm))) +
           line("creator_cgroup", line_text(origin.cgroup));
}

std::string handle_line(const BufferHandle& handle) {
    return line("handle", fmt::format("client={} uid={} number={} references={}", handle.name, handle.uid,
                                      handle.handle.value, handle.references));
}

std::string holder_line(const BufferHolder& holder) {
    const auto range = [](const auto& one) { return fmt::format("{:#x}-{:#x}", one.first, one.second); };
    return line("holder", fmt::format("pid={} uid={} comm={} fds={} maps={}", holder.pid, holder.uid,
                                      process_word(holder.comm),
                                      words(holder.fds, ",", [](int fd) { return std::to_string(fd); }),
                                      words(holder.mappings, ",", range)));
}

std::string holder_lines(const Snapshot& snapshot, FileId file) {
    if (snapshot.holders == nullptr) {
        return line("look", "unknown") + line("look_age", kNone) + line("unseen_processes", "unknown") +
               line("holders", "unknown");
    }
    const BufferHolders& look = *snapshot.holders;
    const bool complete = look.unseen == 0 && look.sees_everybody;
    std::string text =
        line("look", complete ? "complete" : "partial") +
        line("look_age", age(snapshot.unix_ms, look.unix_ms)) +
        line("unseen_processes", look.sees_everybody ? std::to_string(look.unseen) : "unknown");
    const auto found = look.by_file.find(file);
    if (found == look.by_file.end()) {
        return text + line("holders", "0");
    }
    text += line("holders", std::to_string(found->second.size()));
    for (const BufferHolder& holder : found->second) {
        text += holder_line(holder);
    }
    return text;
}

std::string name_of(const Snapshot& snapshot, FileId file) {
    if (snapshot.holders != nullptr) {
        if (const auto name = snapshot.holders->names.find(file); name != snapshot.holders->names.end()) {
            return line_text(name->second);
        }
    }
    return kNone;
}

}  // namespace

std::string render_buffer(const Snapshot& snapshot, const BufferDetails& details) {
    const BufferUsage& usage = details.usage;
    const HeapFigures* heap = find_heap(snapshot, usage.heap);
    const auto range = [](const PlacedRange& one) {
        return fmt::format("{:#x}-{:#x}", one.base, one.base + one.size);
    };
    std::string text =
        line("id", std::to_string(usage.id.value)) + line("name", name_of(snapshot, details.file)) +
        line("size", std::to_string(usage.size)) + line("heap", heap == nullptr ? "?" : heap->name) +
        line("placement", words(usage.placement, ",", range)) +
        line("exporter", exporter_name(usage.exporter)) + line("flags", fmt::format("{:#x}", usage.flags)) +
        line("align", std::to_string(details.align)) + origin_lines(snapshot, details.origin) +
        line("exported", details.exported ? "yes" : "no") + line("outside", usage.outside ? "yes" : "no") +
        line("handles", std::to_string(details.handles.size()));
    for (const BufferHandle& handle : details.handles) {
        text += handle_line(handle);
    }
    return text + holder_lines(snapshot, details.file);
}

std::string render_buffers(const Snapshot& snapshot) {
    std::string text;
    for (const BufferDetails& one : snapshot.details) {
        text += text.empty() ? "" : "\n";
        text += render_buffer(snapshot, one);
    }
    return text;
}

}  // namespace ion
