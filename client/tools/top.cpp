// SPDX-License-Identifier: Apache-2.0
//
// ionctl top: heaps and clients, again and again.

#include <poll.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "client/tools/read_command.h"
#include "client/tools/top_screen.h"
#include "client/views/top_view.h"

namespace {

struct TopCommand : ReadOptions {
    bool batch = false;
    std::optional<std::uint64_t> count;
    double seconds = 2;
    ion::views::TopOptions view;

    [[nodiscard]] int period_ms() const { return static_cast<int>(seconds * 1000); }
};

ion::Result<ion::usage::Figures> look(const CommonOptions& common) {
    const auto mount = UsageMount::find(common);
    return mount ? mount->figures() : mount.error();
}

std::string batch_text(const ion::usage::Figures& now, const ion::usage::Figures& before,
                       const TopCommand& command) {
    if (command.json) {
        return ion::views::json_line(ion::views::top_json(now, command.view));
    }
    const auto lines = ion::views::top_lines(now, before, command.view);
    std::string text;
    for (const auto& part : {lines.head, lines.clients}) {
        for (const auto& line : part) {
            text += line.text + "\n";
        }
    }
    return text + "\n";
}

/// As often as is asked for; JSON once, unless a number is given.
int batch(const CommonOptions& common, const TopCommand& command) {
    std::optional<ion::usage::Figures> before;
    std::optional<std::uint64_t> left = command.count;
    if (command.json && !left) {
        left = 1;
    }
    while (!left || (*left)-- != 0) {
        if (before) {
            ::poll(nullptr, 0, command.period_ms());
        }
        auto now = look(common);
        if (!now) {
            return report(now.error());
        }
        if (const int status = print(batch_text(*now, before.value_or(*now), command)); status != kDone) {
            return status;
        }
        before = *std::move(now);
    }
    return kDone;
}

int top(const CommonOptions& common, const TopCommand& command) {
    if (command.batch || command.json) {
        return batch(common, command);
    }
    const auto figures = look(common);
    if (!figures) {
        return report(figures.error());
    }
    const auto shown = run_top_screen([&] { return look(common); }, command.view, command.period_ms());
    if (!shown) {
        report(shown.error());
        return kWrongUse;
    }
    return kDone;
}

}  // namespace

Subcommand::Run add_top(CLI::App& app) {
    using ion::views::TopOrder;
    const auto options = std::make_shared<TopCommand>();
    const auto order = std::make_shared<std::string>(name_of(options->view.order));
    CLI::App* command = app.add_subcommand("top", "Heaps and clients as they change");
    command->add_flag("-b,--batch", options->batch, "Print instead of taking over the terminal");
    command->add_option("-n,--count", options->count, "Stop after so many (of --batch)")->type_name("N");
    command->add_option("-d,--delay", options->seconds, "Seconds between two looks (default 2)")
        ->check(CLI::Range(0.0, 86400.0))
        ->type_name("S");
    command->add_option("--sort", *order, "What clients are sorted by (default bytes)")
        ->check(CLI::IsMember({"bytes", "change", "pid", "command"}));
    command->add_flag("--reverse", options->view.reverse, "Sort the other way round");
    add_read_options(*command, *options);
    return [options, order](const CommonOptions& common) {
        options->view.sizes = options->sizes();
        for (const auto one : {TopOrder::kBytes, TopOrder::kChange, TopOrder::kPid, TopOrder::kCommand}) {
            options->view.order = *order == name_of(one) ? one : options->view.order;
        }
        return top(common, *options);
    };
}
