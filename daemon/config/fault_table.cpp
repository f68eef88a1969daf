// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/fault_table.h"

#include <array>
#include <cstring>
#include <utility>

#include "daemon/config/heap_table.h"

namespace ion {
namespace {

constexpr std::uint64_t kMaxDelay =
    60'000;  // ms; a caller that waits cannot end meanwhile, see docs/faults.md
constexpr std::size_t kMaxPattern = 31;
constexpr int kLastErrno = 133;  // EHWPOISON; above 511 are the kernel's own, which no call may answer

/// A pattern is one word of the usage file `faults`.
Result<Setting<std::string>> read_pattern(const Value& value) {
    auto pattern = read_string(value);
    const auto printable = [](char c) { return c > ' ' && c <= '~'; };
    if (pattern && (pattern->value.empty() || pattern->value.size() > kMaxPattern ||
                    !std::ranges::all_of(pattern->value, printable))) {
        return mistake(value,
                       "must be 1 to 31 printable characters without blanks; ? and * stand for others");
    }
    return pattern;
}

Result<Setting<int>> read_errno(const Value& value) {
    const auto word = read_string(value);
    if (!word) {
        return word.error();
    }
    for (int number = 1; number <= kLastErrno; ++number) {
        const char* name = ::strerrorname_np(number);
        if (name != nullptr && word->value == name) {
            return Setting<int>{number, word->where};
        }
    }
    return mistake(value,
                   "unknown \"" + word->value + "\"; must be the name of an errno, such as \"ENOMEM\"");
}

Result<void> read_count(const Value& value, std::uint64_t minimum, std::uint64_t maximum,
                        std::uint64_t& count) {
    const auto number = read_number(value);
    if (!number) {
        return number.error();
    }
    count = number->value;
    return check_range(value, count, minimum, maximum);
}

Result<void> read_delay(const Value& value, std::uint32_t& delay) {
    std::uint64_t ms = 0;
    auto read = read_count(value, 1, kMaxDelay, ms);
    delay = static_cast<std::uint32_t>(ms);
    return read;
}

Result<void> read_probability(const Value& value, double& probability) {
    const auto number = value.node.value<double>();
    if (!number || !(*number > 0 && *number <= 1)) {
        return mistake(value, "must be a number above 0, at most 1");
    }
    probability = *number;
    return {};
}

Result<void> read_off(const Value& value, bool& off) {
    const auto* flag = value.node.as_boolean();
    if (flag == nullptr) {
        return mistake(value, "must be true or false");
    }
    off = flag->get();
    return {};
}

/// What `read` gives, without its place.
template <typename T>
Result<void> put(Result<Setting<T>> read, T& value) {
    if (!read) {
        return read.error();
    }
    value = std::move(read->value);
    return {};
}

constexpr std::uint64_t kNoMaximum = UINT64_MAX;

constexpr std::array<Key<FaultTable>, 11> kKeys{{
    {"name", [](const Value& v, FaultTable& f) { return put(read_heap_name(v), f.rule.name); }},
    {"command",
     [](const Value& v, FaultTable& f) {
         return store(read_enum<FaultCommand>(v, kFaultCommandNames), f.command);
     }},
    {"heap", [](const Value& v, FaultTable& f) { return store(read_heap_name(v), f.heap); }},
    {"client", [](const Value& v, FaultTable& f) { return put(read_pattern(v), f.rule.client); }},
    {"every", [](const Value& v, FaultTable& f) { return read_count(v, 1, kNoMaximum, f.rule.every); }},
    {"probability", [](const Value& v, FaultTable& f) { return read_probability(v, f.rule.probability); }},
    {"seed", [](const Value& v, FaultTable& f) { return read_count(v, 0, kNoMaximum, f.rule.seed); }},
    {"count", [](const Value& v, FaultTable& f) { return read_count(v, 1, kNoMaximum, f.rule.count); }},
    {"errno", [](const Value& v, FaultTable& f) { return put(read_errno(v), f.rule.error); }},
    {"delay_ms", [](const Value& v, FaultTable& f) { return read_delay(v, f.rule.delay_ms); }},
    {"off", [](const Value& v, FaultTable& f) { return read_off(v, f.off); }},
}};

/// What no key can be wrong in alone.
Result<void> complete(FaultTable& table) {
    FaultRule& rule = table.rule;
    if (rule.name.empty()) {
        return fail(EINVAL, table.where + ": fault.name: missing");
    }
    if (!table.off && rule.error == 0 && rule.delay_ms == 0) {
        return fail(EINVAL,
                    table.where + ": fault: \"" + rule.name + "\" does nothing without errno or delay_ms");
    }
    if (table.heap) {
        if (table.command && table.command->value != FaultCommand::kAlloc) {
            return fail(EINVAL, table.heap->where + ": fault.heap: a heap is for command = \"alloc\"");
        }
        rule.heap = table.heap->value;
        rule.command = FaultCommand::kAlloc;
    } else if (table.command) {
        rule.command = table.command->value;
    }
    return {};
}

bool names_heap(std::span<const HeapConfig> heaps, const std::string& name) {
    return std::ranges::find(heaps, name, &HeapConfig::name) != heaps.end();
}

Result<void> merge(const FaultTable& table, std::vector<FaultRule>& rules) {
    const auto old = std::ranges::find(rules, table.rule.name, &FaultRule::name);
    if (!table.off) {
        if (old == rules.end()) {
            rules.push_back(table.rule);
        } else {
            *old = table.rule;
        }
        return {};
    }
    if (old == rules.end()) {
        return fail(EINVAL,
                    table.where + ": fault.off: there is no fault \"" + table.rule.name + "\" before this");
    }
    rules.erase(old);
    return {};
}

}  // namespace

Result<std::vector<FaultTable>> read_fault_tables(const Value& value) {
    const auto* list = value.node.as_array();
    std::vector<FaultTable> tables;
    if (list == nullptr) {
        return mistake(value, "must be [[fault]] tables");
    }
    for (const toml::node& element : *list) {
        const auto* node = element.as_table();
        if (node == nullptr) {
            return mistake(Value{element, value.file, value.key}, "must be [[fault]] tables");
        }
        FaultTable table;
        table.where = place_of(value.file, node->source());
        if (auto read = read_table<FaultTable>(*node, value.file, "fault.", kKeys, table); !read) {
            return read.error();
        }
        if (auto whole = complete(table); !whole) {
            return whole.error();
        }
        const auto same = [&](const FaultTable& other) { return other.rule.name == table.rule.name; };
        if (std::ranges::any_of(tables, same)) {
            return fail(EINVAL, table.where + ": fault.name: \"" + table.rule.name + "\" is there already");
        }
        tables.push_back(std::move(table));
    }
    return tables;
}

std::vector<std::string_view> fault_keys() {
    return names_of<FaultTable>(kKeys);
}

Result<std::vector<FaultRule>> merge_faults(std::span<const Document> documents,
                                            std::span<const HeapConfig> heaps) {
    std::vector<FaultRule> rules;
    for (const Document& document : documents) {
        for (const FaultTable& table : document.faults) {
            if (table.heap && !table.off && !names_heap(heaps, table.rule.heap)) {
                return fail(EINVAL,
                            table.heap->where + ": fault.heap: there is no heap \"" + table.rule.heap + "\"");
            }
            if (auto merged = merge(table, rules); !merged) {
                return merged.error();
            }
        }
    }
    return rules;
}

}  // namespace ion
