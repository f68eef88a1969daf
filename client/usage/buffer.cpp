// SPDX-License-Identifier: Apache-2.0

#include "client/usage/buffer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "client/usage/fields.h"

namespace ion::usage {
namespace {

/// "-" stands for nothing.
std::string text_of(std::string_view value) {
    return value == "-" ? std::string() : std::string(value);
}

template <typename Number>
bool read_number(std::string_view value, Number& into) {
    const bool hexadecimal = value.starts_with("0x");
    const auto read = number<Number>(value.substr(hexadecimal ? 2 : 0), hexadecimal ? 16 : 10);
    into = read.value_or(0);
    return read.has_value();
}

std::vector<std::string_view> list_of(std::string_view value) {
    std::vector<std::string_view> parts;
    while (value != "-" && !value.empty()) {
        const std::size_t end = std::min(value.find(','), value.size());
        parts.push_back(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return parts;
}

bool read_handle(std::string_view value, Buffer& buffer) {
    auto pairs = pairs_of(value);
    BufferHandle& handle = buffer.handles.emplace_back();
    handle.client = pairs["client"];
    return !handle.client.empty() && read_number(pairs["uid"], handle.uid) &&
           read_number(pairs["number"], handle.number) && read_number(pairs["references"], handle.references);
}

bool read_holder(std::string_view value, Buffer& buffer) {
    auto pairs = pairs_of(value);
    BufferHolder& holder = buffer.holders.emplace_back();
    holder.comm = pairs["comm"];
    bool understood = read_number(pairs["pid"], holder.pid) && read_number(pairs["uid"], holder.uid);
    for (const std::string_view fd : list_of(pairs["fds"])) {
        understood = read_number(fd, holder.fds.emplace_back()) && understood;
    }
    for (const std::string_view range : list_of(pairs["maps"])) {
        holder.maps.emplace_back(range);
    }
    return understood;
}

bool read_look(std::string_view value, Buffer& buffer) {
    buffer.look = value == "complete"  ? Look::kComplete
                  : value == "partial" ? Look::kPartial
                                       : Look::kUnknown;
    return true;
}

/// Reads the value of one key; false when it is not understood.
struct Key {
    std::string_view name;
    bool (*read)(std::string_view value, Buffer& buffer);
};

template <auto kMember>
bool read_text(std::string_view value, Buffer& buffer) {
    buffer.*kMember = text_of(value);
    return true;
}
template <auto kMember>
bool read_figure(std::string_view value, Buffer& buffer) {
    return read_number(value, buffer.*kMember);
}
template <auto kMember>
bool read_yes(std::string_view value, Buffer& buffer) {
    buffer.*kMember = value == "yes";
    return value == "yes" || value == "no";
}

constexpr std::array kKeys{
    Key{"id", read_figure<&Buffer::id>},
    Key{"name", read_text<&Buffer::name>},
    Key{"size", read_figure<&Buffer::size>},
    Key{"heap", read_text<&Buffer::heap>},
    Key{"placement", read_text<&Buffer::placement>},
    Key{"exporter", read_text<&Buffer::exporter>},
    Key{"flags", read_figure<&Buffer::flags>},
    Key{"align", read_figure<&Buffer::align>},
    Key{"created", read_text<&Buffer::created>},
    Key{"age", read_text<&Buffer::age>},
    Key{"creator_pid", read_figure<&Buffer::creator_pid>},
    Key{"creator_uid", read_figure<&Buffer::creator_uid>},
    Key{"creator_comm", read_text<&Buffer::creator_comm>},
    Key{"creator_cgroup", read_text<&Buffer::creator_cgroup>},
    Key{"exported", read_yes<&Buffer::exported>},
    Key{"outside", read_yes<&Buffer::outside>},
    Key{"handle", read_handle},
    Key{"look", read_look},
    Key{"look_age", read_text<&Buffer::look_age>},
    Key{"unseen_processes",
        [](std::string_view value, Buffer& buffer) {
            buffer.unseen = number(value);
            return buffer.unseen.has_value() || value == "unknown";
        }},
    Key{"holder", read_holder},
};

bool read_line(std::string_view line, Buffer& buffer) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) {
        return false;
    }
    const auto* key = std::ranges::find(kKeys, line.substr(0, colon), &Key::name);
    return key == kKeys.end() || key->read(line.substr(colon + 2), buffer);
}

}  // namespace

bool Buffer::left_by_creator() const {
    const std::string own = std::to_string(creator_pid) + "-";
    const bool has_handle = std::ranges::any_of(
        handles, [&](const BufferHandle& handle) { return handle.client.starts_with(own); });
    const bool holds = std::ranges::find(holders, creator_pid, &BufferHolder::pid) != holders.end();
    const bool others_have_it = !handles.empty() || !holders.empty() || outside;
    return creator_pid != 0 && !has_handle && !holds && look != Look::kUnknown && others_have_it;
}

Result<std::vector<Buffer>> parse_buffers(std::string_view text) {
    std::vector<Buffer> buffers;
    bool in_one = false;
    std::size_t line_number = 0;
    for (const std::string_view line : lines(text)) {
        ++line_number;
        if (line.empty()) {
            in_one = false;
            continue;
        }
        if (!in_one) {
            buffers.emplace_back();
            in_one = true;
        }
        if (!read_line(line, buffers.back())) {
            return not_understood("buffers", line_number, line);
        }
    }
    return buffers;
}

}  // namespace ion::usage
