// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <unordered_set>

#include "heaps/trace/trace.h"

namespace ion {
namespace {

constexpr std::size_t kMaxLine = 1024;

using Words = std::vector<std::string_view>;

/// Separated by single spaces, as the writer does it; an empty word is a mistake that is found later.
Words split(std::string_view line) {
    Words words;
    for (;;) {
        const std::size_t space = line.find(' ');
        words.push_back(line.substr(0, space));
        if (space == std::string_view::npos) {
            return words;
        }
        line.remove_prefix(space + 1);
    }
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
    const bool hex = text.starts_with("0x");
    text.remove_prefix(hex ? 2 : 0);
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The name that a word stands for; nothing for what the writer does not write.
std::optional<std::string> name(std::string_view text) {
    if (text == "%") {
        return std::string();
    }
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (text[i] == '%') {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            result += static_cast<char>(high * 16 + low);
            i += 2;
        } else if (byte <= ' ' || byte >= 0x7f || text[i] == '#') {
            return std::nullopt;
        } else {
            result += text[i];
        }
    }
    return text.empty() ? std::nullopt : std::optional(result);
}

class Reader {
  public:
    /// Takes one line; says what is wrong with it.
    std::optional<std::string> take(std::string_view line) {
        if (line.empty() || line.front() == '#') {
            return std::nullopt;
        }
        const Words words = split(line);
        if (words.size() < 4) {
            return "a line is TIME CLIENT alloc|free|lost ...";
        }
        const auto time = number<std::uint64_t>(words[0]);
        if (!time) {
            return fmt::format("time \"{}\" is no number of nanoseconds", words[0]);
        }
        if (*time < last_time_) {
            return fmt::format("time {} is before {}, the line above", *time, last_time_);
        }
        last_time_ = *time;
        if (words[2] == "lost") {
            return take_lost(words);
        }
        const auto client = name(words[1]);
        const auto id = number<std::uint64_t>(words[3]);
        if (!client || !id) {
            return fmt::format("\"{}\" is no {}", client ? words[3] : words[1],
                               client ? "buffer id" : "client");
        }
        TraceEvent event{.time_ns = *time, .client = *client, .id = *id, .heap = {}};
        if (words[2] == "alloc") {
            return take_alloc(words, std::move(event));
        }
        if (words[2] == "free") {
            return take_free(words, std::move(event));
        }
        return fmt::format("\"{}\" is none of alloc, free and lost", words[2]);
    }

    Trace result() { return std::move(trace_); }

  private:
    std::optional<std::string> take_lost(const Words& words) {
        const auto count = number<std::uint64_t>(words[3]);
        if (words.size() != 4 || words[1] != "-" || !count || *count == 0 ||
            *count > UINT64_MAX - trace_.lost) {
            return "such a line is TIME - lost COUNT";
        }
        trace_.lost += *count;
        return std::nullopt;
    }

    std::optional<std::string> take_alloc(const Words& words, TraceEvent event) {
        if (words.size() != 8) {
            return "such a line is TIME CLIENT alloc ID SIZE ALIGN HEAP FLAGS";
        }
        const auto size = number<std::uint64_t>(words[4]);
        const auto align = number<std::uint64_t>(words[5]);
        const auto heap = name(words[6]);
        const auto flags = number<std::uint32_t>(words[7]);
        if (!size || *size == 0) {
            return fmt::format("size \"{}\" is no number of bytes above 0", words[4]);
        }
        if (!align || !heap || !flags) {
            return !align  ? fmt::format("alignment \"{}\" is no number of bytes", words[5])
                   : !heap ? fmt::format("\"{}\" is no heap", words[6])
                           : fmt::format("flags \"{}\" are no number of 32 bits", words[7]);
        }
        if (!ids_.insert(event.id).second) {
            return fmt::format("buffer {} has been allocated before", event.id);
        }
        live_.insert(event.id);
        event.size = *size;
        event.align = *align;
        event.heap = *heap;
        event.flags = *flags;
        trace_.events.push_back(std::move(event));
        return std::nullopt;
    }

    std::optional<std::string> take_free(const Words& words, TraceEvent event) {
        if (words.size() != 4) {
            return "such a line is TIME CLIENT free ID";
        }
        event.op = TraceOp::kFree;
        if (live_.erase(event.id) != 0) {
            trace_.events.push_back(std::move(event));
            return std::nullopt;
        }
        if (ids_.contains(event.id)) {
            return fmt::format("buffer {} is freed twice", event.id);
        }
        if (trace_.lost == 0) {
            return fmt::format("buffer {} is freed, but was not allocated, and nothing was lost before",
                               event.id);
        }
        ids_.insert(event.id);
        return std::nullopt;
    }

    Trace trace_;
    std::uint64_t last_time_ = 0;
    std::unordered_set<std::uint64_t> ids_;
    std::unordered_set<std::uint64_t> live_;
};

}  // namespace

Result<Trace> read_trace(std::istream& in, const std::string& name) {
    Reader reader;
    std::string line;
    for (std::uint64_t number = 1; std::getline(in, line); ++number) {
        std::optional<std::string> problem;
        if (line.size() > kMaxLine) {
            problem = fmt::format("the line is longer than {} bytes", kMaxLine);
        } else if (number == 1) {
            problem =
                line == kTraceHeader ? problem : fmt::format("the first line is not \"{}\"", kTraceHeader);
        } else {
            problem = reader.take(line);
        }
        if (problem) {
            return fail(EINVAL, fmt::format("{}:{}: {}", name, number, *problem));
        }
        line.clear();
        if (in.eof()) {
            return fail(EINVAL, fmt::format("{}:{}: the last line is not complete", name, number));
        }
    }
    if (in.bad()) {
        return fail(EIO, name + ": cannot be read");
    }
    Trace trace = reader.result();
    if (trace.events.empty()) {
        return fail(EINVAL, name + ": there is no event in it");
    }
    return trace;
}

}  // namespace ion
