// SPDX-License-Identifier: Apache-2.0

#include "client/tools/completion.h"

#include <algorithm>
#include <sstream>

namespace {

using Words = std::vector<std::string>;

bool is_option(const std::string& word) {
    return word.size() > 1 && word.front() == '-';
}

/// A command of the line, with how many of its positional arguments are there.
class Position {
  public:
    explicit Position(const CLI::App& app) : app_(&app) {}

    /// Takes a complete word.
    void pass(const std::string& word) {
        if (word == "=") {
            return;  // its value is still to come
        }
        if (option_ != nullptr) {
            option_ = nullptr;
        } else if (is_option(word)) {
            option_ = option_with_value(word);
        } else if (const CLI::App* subcommand = find_subcommand(word)) {
            app_ = subcommand;
            positionals_ = 0;
        } else {
            ++positionals_;
        }
    }

    /// What the next word can be.
    [[nodiscard]] Words candidates(const std::string& partial, const ArgumentValues& values) const {
        if (option_ != nullptr) {
            return choices(*option_);
        }
        return partial.starts_with('-') ? options() : arguments(values);
    }

  private:
    [[nodiscard]] const CLI::App* find_subcommand(const std::string& word) const {
        const auto found =
            app_->get_subcommands([&](const CLI::App* one) { return one->get_name() == word; });
        return found.empty() ? nullptr : found.front();
    }

    /// The option that a word names, if a value follows it.
    [[nodiscard]] const CLI::Option* option_with_value(const std::string& word) const {
        for (const CLI::App* app = app_; app != nullptr; app = above(app)) {
            const CLI::Option* option = app->get_option_no_throw(word);
            if (option != nullptr) {
                return option->get_items_expected_max() > 0 ? option : nullptr;
            }
        }
        return nullptr;
    }

    /// The command whose options are known to this one as well.
    static const CLI::App* above(const CLI::App* app) {
        return app->get_fallthrough() ? app->get_parent() : nullptr;
    }

    /// Those of a validator, which the type's name ends with: "TEXT:{a,b}".
    static Words choices(const CLI::Option& option) {
        const std::string type = option.get_type_name();
        const std::size_t begin = type.find('{');
        const std::size_t end = type.find('}');
        Words result;
        if (begin == std::string::npos || end == std::string::npos) {
            return result;
        }
        std::istringstream list(type.substr(begin + 1, end - begin - 1));
        for (std::string one; std::getline(list, one, ',');) {
            result.push_back(one);
        }
        return result;
    }

    [[nodiscard]] Words options() const {
        Words result;
        for (const CLI::App* app = app_; app != nullptr; app = above(app)) {
            for (const CLI::Option* option : app->get_options()) {
                if (option->get_group().empty()) {
                    continue;  // not for people
                }
                for (const std::string& name : option->get_lnames()) {
                    result.push_back("--" + name);
                }
            }
        }
        return result;
    }

    [[nodiscard]] Words arguments(const ArgumentValues& values) const {
        Words result;
        for (const CLI::App* one : app_->get_subcommands([](const CLI::App*) { return true; })) {
            if (!one->get_group().empty()) {
                result.push_back(one->get_name());
            }
        }
        std::size_t place = 0;
        for (const CLI::Option* option : app_->get_options()) {
            if (option->get_positional() && place++ == positionals_) {
                std::ranges::copy(values(app_->get_name(), option->get_name(true)),
                                  std::back_inserter(result));
            }
        }
        return result;
    }

    const CLI::App* app_;
    const CLI::Option* option_ = nullptr;  ///< whose value is next
    std::size_t positionals_ = 0;
};

}  // namespace

std::vector<std::string> complete(const CLI::App& app, const std::vector<std::string>& words,
                                  const ArgumentValues& values) {
    if (words.empty() || std::find(words.begin(), words.end() - 1, "--") != words.end() - 1) {
        return {};  // what follows -- is another program's
    }
    Position position(app);
    std::for_each(words.begin(), words.end() - 1, [&](const std::string& word) { position.pass(word); });
    const std::string partial = words.back() == "=" ? std::string() : words.back();
    Words candidates = position.candidates(partial, values);
    std::erase_if(candidates, [&](const std::string& one) { return !one.starts_with(partial); });
    std::ranges::sort(candidates);
    const auto repeated = std::ranges::unique(candidates);
    candidates.erase(repeated.begin(), repeated.end());
    return candidates;
}
