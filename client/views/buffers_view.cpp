// SPDX-License-Identifier: Apache-2.0

#include "client/views/buffers_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "client/usage/fields.h"
#include "client/views/figures_view.h"

namespace ion::views {
namespace {

using usage::Buffer;
using usage::BufferHolder;
using usage::Look;

template <typename List, typename Word>
std::string joined(const List& list, const Word& word) {
    std::string text;
    for (const auto& one : list) {
        text += text.empty() ? "" : ", ";
        text += word(one);
    }
    return text;
}

std::string process_text(std::int32_t pid, const std::string& comm) {
    return std::to_string(pid) + " " + comm;
}

/// "66.013" seconds as "1m 6s": the two largest units.
std::string age_text(const std::string& seconds) {
    const auto whole = usage::number(std::string_view(seconds).substr(0, seconds.find('.')));
    if (!whole) {
        return "";
    }
    const std::uint64_t left = *whole;
    if (left < 60) {
        return fmt::format("{}s", left);
    }
    if (left < 3600) {
        return fmt::format("{}m {}s", left / 60, left % 60);
    }
    return left < 86400 ? fmt::format("{}h {}m", left / 3600, left / 60 % 60)
                        : fmt::format("{}d {}h", left / 86400, left / 3600 % 24);
}

std::string fds_text(const BufferHolder& holder) {
    return joined(holder.fds, [](std::int32_t fd) { return std::to_string(fd); });
}

/// Those that can be named: by their process, or before the first look by their number.
std::string holders_word(const Buffer& buffer) {
    return buffer.look == Look::kUnknown ? "?" : std::to_string(buffer.holders.size());
}

std::string look_text(const Buffer& buffer) {
    if (buffer.look == Look::kUnknown) {
        return "Nobody has looked yet who has it open or mapped.\n";
    }
    std::string text = "Open or mapped, as seen " + buffer.look_age + " s ago";
    if (buffer.look == Look::kPartial) {
        text += buffer.unseen ? fmt::format(", without {} that iond could not look into",
                                            counted(*buffer.unseen, "process"))
                              : std::string(", without processes that iond is not shown");
    }
    return text + ":\n";
}

const char* name_of(Look look) {
    switch (look) {
        case Look::kComplete:
            return "complete";
        case Look::kPartial:
            return "partial";
        case Look::kUnknown:
            break;
    }
    return "unknown";
}

Json or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json seconds_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(std::strtod(text.c_str(), nullptr));
}

Table leaks_table(std::span<const Buffer> buffers, Sizes sizes) {
    Table table({{"ID", kRight}, {"HEAP"}, {"SIZE", kRight}, {"AGE", kRight}, {"CREATED BY"}, {"HELD BY"}});
    for (const Buffer& buffer : buffers) {
        std::string held = joined(
            buffer.holders, [](const BufferHolder& holder) { return process_text(holder.pid, holder.comm); });
        if (held.empty() && buffer.outside) {
            held = "(not found)";
        }
        if (held.empty()) {
            held = joined(buffer.handles, [](const auto& handle) { return "client " + handle.client; });
        }
        table.add({std::to_string(buffer.id), buffer.heap, size_text(buffer.size, sizes),
                   age_text(buffer.age), process_text(buffer.creator_pid, buffer.creator_comm), held});
    }
    return table;
}

std::string buffers_part(const std::string& what, std::span<const Buffer> buffers, Sizes sizes) {
    if (buffers.empty()) {
        return "";
    }
    std::uint64_t bytes = 0;
    for (const Buffer& buffer : buffers) {
        bytes += buffer.size;
    }
    return fmt::format("{} with {} {}:\n", counted(buffers.size(), "buffer"), size_text(bytes, sizes), what) +
           leaks_table(buffers, sizes).text("  ") + "\n";
}

}  // namespace

Table buffers_table(std::span<const Buffer> buffers, Sizes sizes) {
    Table table({{"ID", kRight},
                 {"HEAP"},
                 {"SIZE", kRight},
                 {"AGE", kRight},
                 {"CREATED BY"},
                 {"HANDLES", kRight},
                 {"HOLDERS", kRight},
                 {"EXPORTER"},
                 {"NAME"}});
    for (const Buffer& buffer : buffers) {
        table.add({std::to_string(buffer.id), buffer.heap, size_text(buffer.size, sizes),
                   age_text(buffer.age), process_text(buffer.creator_pid, buffer.creator_comm),
                   std::to_string(buffer.handles.size()), holders_word(buffer), buffer.exporter,
                   buffer.name});
    }
    return table;
}

Json buffer_json(const Buffer& buffer) {
    Json handles = Json::array();
    for (const auto& handle : buffer.handles) {
        handles.push_back({{"client", handle.client},
                           {"uid", handle.uid},
                           {"number", handle.number},
                           {"references", handle.references}});
    }
    Json holders = Json::array();
    for (const BufferHolder& holder : buffer.holders) {
        holders.push_back({{"pid", holder.pid},
                           {"uid", holder.uid},
                           {"comm", holder.comm},
                           {"fds", holder.fds},
                           {"maps", holder.maps}});
    }
    return {{"id", buffer.id},
            {"name", or_null(buffer.name)},
            {"size_bytes", buffer.size},
            {"heap", buffer.heap},
            {"placement", or_null(buffer.placement)},
            {"exporter", buffer.exporter},
            {"flags", buffer.flags},
            {"align", buffer.align},
            {"created", or_null(buffer.created)},
            {"age_seconds", seconds_or_null(buffer.age)},
            {"creator",
             {{"pid", buffer.creator_pid},
              {"uid", buffer.creator_uid},
              {"comm", buffer.creator_comm},
              {"cgroup", or_null(buffer.creator_cgroup)}}},
            {"exported", buffer.exported},
            {"outside", buffer.outside},
            {"handles", handles},
            {"look", name_of(buffer.look)},
            {"look_age_seconds", seconds_or_null(buffer.look_age)},
            {"unseen_processes", buffer.unseen ? Json(*buffer.unseen) : Json(nullptr)},
            {"holders", holders}};
}

std::string holders_text(const Buffer& buffer) {
    std::string text = fmt::format("Buffer {}: {} ({} bytes) of {}{}, {}, flags {:#x}{}\n", buffer.id,
                                   size_text(buffer.size), buffer.size, printable(buffer.heap),
                                   buffer.placement.empty() ? "" : " at " + printable(buffer.placement),
                                   printable(buffer.exporter), buffer.flags,
                                   buffer.name.empty() ? "" : ", \"" + printable(buffer.name) + "\"");
    if (!buffer.created.empty()) {
        text += fmt::format("Created {} ({} ago)", printable(buffer.created), age_text(buffer.age));
    } else {
        text += "Created";
    }
    text += fmt::format(" by {} (pid {}, uid {}{})\n\n", printable(buffer.creator_comm), buffer.creator_pid,
                        buffer.creator_uid,
                        buffer.creator_cgroup.empty() ? "" : ", cgroup " + printable(buffer.creator_cgroup));
    if (buffer.handles.empty()) {
        text += "No client has a handle for it.\n";
    } else {
        Table handles({{"CLIENT"}, {"UID", kRight}, {"HANDLE", kRight}, {"REFERENCES", kRight}});
        for (const auto& handle : buffer.handles) {
            handles.add({handle.client, std::to_string(handle.uid),
                         handle.number == 0 ? "" : std::to_string(handle.number),
                         std::to_string(handle.references)});
        }
        text += "Handles:\n" + handles.text("  ");
    }
    text += "\n" + look_text(buffer);
    if (buffer.look == Look::kUnknown) {
        return text;
    }
    if (buffer.holders.empty()) {
        return text + (buffer.outside
                           ? "  nobody that can be named, but it is in use: a descriptor may be on its way "
                             "through a socket\n"
                           : "  nobody\n");
    }
    Table holders({{"PID", kRight}, {"UID", kRight}, {"COMMAND"}, {"DESCRIPTORS"}, {"MAPPED AT"}});
    for (const BufferHolder& holder : buffer.holders) {
        holders.add({std::to_string(holder.pid), std::to_string(holder.uid), holder.comm, fds_text(holder),
                     joined(holder.maps, [](const std::string& range) { return range; })});
    }
    return text + holders.text("  ");
}

Leaks leaks_of(std::span<const Buffer> buffers, const usage::Figures& figures) {
    Leaks leaks;
    for (const Buffer& buffer : buffers) {
        if (buffer.orphaned()) {
            leaks.orphaned.push_back(buffer);
        } else if (buffer.left_by_creator()) {
            leaks.left.push_back(buffer);
        }
    }
    leaks.growing.growing = figures.growing;
    std::ranges::copy_if(figures.clients, std::back_inserter(leaks.growing.clients),
                         [&](const auto& client) { return grows(figures, client); });
    return leaks;
}

std::string leaks_text(const Leaks& leaks, Sizes sizes) {
    std::string text =
        buffers_part("that no client has a handle for", leaks.orphaned, sizes) +
        buffers_part("that others have and their creator, as far as was seen, has not", leaks.left, sizes);
    if (!leaks.growing.clients.empty()) {
        text += "Clients that allocate and do not free:\n" + clients_table(leaks.growing, sizes).text("  ") +
                "\n";
    }
    if (text.empty()) {
        return "No sign of a leak.\n";
    }
    text.pop_back();
    return text;
}

Json leaks_json(const Leaks& leaks) {
    const auto buffers = [](std::span<const Buffer> list) {
        Json array = Json::array();
        for (const Buffer& buffer : list) {
            array.push_back(buffer_json(buffer));
        }
        return array;
    };
    return {{"orphaned", buffers(leaks.orphaned)},
            {"left_by_creator", buffers(leaks.left)},
            {"growing", clients_json(leaks.growing)}};
}

}  // namespace ion::views
