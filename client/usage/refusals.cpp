// SPDX-License-Identifier: Apache-2.0

#include "client/usage/refusals.h"

#include "client/usage/fields.h"

namespace ion::usage {
namespace {

/// Walks along a line: each step takes what lies before a separator.
class Cursor {
  public:
    explicit Cursor(std::string_view line) : rest_(line) {}

    /// The text before `separator`, which is dropped as well. Once one is missing, all that follow are empty.
    std::string_view until(std::string_view separator) {
        const std::size_t at = rest_.find(separator);
        ok_ = ok_ && at != std::string_view::npos;
        if (!ok_) {
            return {};
        }
        const std::string_view taken = rest_.substr(0, at);
        rest_.remove_prefix(at + separator.size());
        return taken;
    }

    template <typename Number = std::uint64_t>
    Number number_until(std::string_view separator, int base = 10) {
        return checked<Number>(until(separator), base);
    }
    template <typename Number = std::uint64_t>
    Number last_number() {
        return checked<Number>(rest_, 10);
    }

    [[nodiscard]] std::string_view rest() const { return rest_; }
    [[nodiscard]] bool ok() const { return ok_; }

  private:
    template <typename Number>
    Number checked(std::string_view text, int base) {
        const auto value = number<Number>(text, base);
        ok_ = ok_ && value.has_value();
        return value.value_or(0);
    }

    std::string_view rest_;
    bool ok_ = true;
};

/// "#71 TIME pid 611 camera: 8388608 bytes, align 0, heap mask 0x1000001, flags 0x1: ENOMEM"
std::optional<Refusal> parse_head(std::string_view line) {
    Cursor cursor(line);
    Refusal refusal;
    cursor.until("#");
    refusal.number = cursor.number_until(" ");
    refusal.time = cursor.until(" pid ");
    refusal.pid = cursor.number_until<std::int32_t>(" ");
    // The name may have colons, but no blank.
    refusal.comm = cursor.until(" ");
    if (refusal.comm.ends_with(':')) {
        refusal.comm.pop_back();
    }
    refusal.bytes = cursor.number_until(" bytes, align ");
    refusal.align = cursor.number_until(", heap mask 0x");
    refusal.heap_mask = cursor.number_until<std::uint32_t>(", flags 0x", 16);
    refusal.flags = cursor.number_until<std::uint32_t>(": ", 16);
    refusal.error = cursor.rest();
    return cursor.ok() ? std::optional(std::move(refusal)) : std::nullopt;
}

/// "sf: 7340032 of 16777216 allocated, 9437184 free, largest free run 4194304" or "system: 12288 allocated, ..."
std::optional<RefusingHeap> parse_heap(std::string_view text) {
    Cursor cursor(text);
    RefusingHeap heap;
    heap.name = cursor.until(": ");
    if (text.find(" of ") == std::string_view::npos) {
        heap.allocated = cursor.number_until(" allocated");
    } else {
        heap.allocated = cursor.number_until(" of ");
        heap.total = cursor.number_until(" allocated, ");
        heap.free = cursor.number_until(" free, largest free run ");
        heap.largest_free = cursor.last_number();
    }
    return cursor.ok() ? std::optional(std::move(heap)) : std::nullopt;
}

/// "pid 1232 system_server 7340032 bytes"
std::optional<Holder> parse_holder(std::string_view text) {
    Cursor cursor(text);
    Holder holder;
    cursor.until("pid ");
    holder.pid = cursor.number_until<std::int32_t>(" ");
    holder.comm = cursor.until(" ");
    holder.bytes = cursor.number_until(" bytes");
    return cursor.ok() ? std::optional(std::move(holder)) : std::nullopt;
}

/// False when it is a line of a known kind and not understood.
bool take_detail(Refusal& refusal, std::string_view line) {
    if (const auto reason = after(line, "  reason: ")) {
        refusal.reason = *reason;
    } else if (const auto heap_text = after(line, "  heap ")) {
        auto heap = parse_heap(*heap_text);
        if (!heap) {
            return false;
        }
        refusal.heaps.push_back(*std::move(heap));
    } else if (const auto holder_text = after(line, "  holder: ")) {
        auto holder = parse_holder(*holder_text);
        if (!holder) {
            return false;
        }
        refusal.holders.push_back(*std::move(holder));
    }
    return true;
}

}  // namespace

Result<Refusals> parse_refusals(std::string_view text) {
    Refusals refusals;
    std::size_t line_number = 0;
    for (const std::string_view line : lines(text)) {
        ++line_number;
        if (line_number == 1) {
            Cursor cursor(line);
            cursor.until("refused ");
            refusals.total = cursor.number_until(" shown ");
            if (!cursor.ok()) {
                return not_understood("refusals", line_number, "no count of refusals");
            }
            continue;
        }
        if (line.starts_with(' ') && !refusals.last.empty()) {
            if (!take_detail(refusals.last.back(), line)) {
                return not_understood("refusals", line_number, line);
            }
            continue;
        }
        auto head = parse_head(line);
        if (!head) {
            return not_understood("refusals", line_number, "no refusal");
        }
        refusals.last.push_back(*std::move(head));
    }
    return refusals;
}

}  // namespace ion::usage
