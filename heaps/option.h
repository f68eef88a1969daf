// SPDX-License-Identifier: Apache-2.0
//
// Options of heap types: declared by the type, checked by the configuration, read by the heap that is made.

#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ion {

/// A size is a number that may be written with K, M or G.
enum class OptionKind : std::uint8_t { kSize, kInteger, kBoolean, kText };

/// One option that a heap type knows. `minimum` and `maximum`, inclusive, hold for sizes and integers.
struct OptionSpec {
    std::string_view name;
    OptionKind kind = OptionKind::kInteger;
    std::variant<std::uint64_t, bool, std::string_view> initial;  ///< of the alternative that `kind` says
    std::uint64_t minimum = 0;
    std::uint64_t maximum = UINT64_MAX;
    std::string_view help;  ///< half a sentence for `iond --list-heap-types` and messages
};

/// The checked options of one heap: every one that its type declares has a value.
class Options {
  public:
    using Value = std::variant<std::uint64_t, bool, std::string>;

    void set(std::string name, Value value) { values_.insert_or_assign(std::move(name), std::move(value)); }

    /// Of an option that the type declares with that kind (kSize and kInteger are both numbers).
    [[nodiscard]] std::uint64_t number(std::string_view name) const { return get<std::uint64_t>(name); }
    [[nodiscard]] bool flag(std::string_view name) const { return get<bool>(name); }
    [[nodiscard]] const std::string& text(std::string_view name) const { return get<std::string>(name); }

    friend bool operator==(const Options&, const Options&) = default;

  private:
    template <typename T>
    const T& get(std::string_view name) const {
        return std::get<T>(values_.find(name)->second);
    }

    std::map<std::string, Value, std::less<>> values_;
};

/// Every option at its initial value.
[[nodiscard]] inline Options initial_options(std::span<const OptionSpec> specs) {
    Options options;
    for (const OptionSpec& spec : specs) {
        if (const auto* text = std::get_if<std::string_view>(&spec.initial)) {
            options.set(std::string(spec.name), std::string(*text));
        } else if (const auto* flag = std::get_if<bool>(&spec.initial)) {
            options.set(std::string(spec.name), *flag);
        } else {
            options.set(std::string(spec.name), std::get<std::uint64_t>(spec.initial));
        }
    }
    return options;
}

}  // namespace ion
