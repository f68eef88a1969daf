// SPDX-License-Identifier: Apache-2.0
//
// ionctl heaps, ionctl clients: who has how much of which heap.

#include <algorithm>

#include "client/tools/read_command.h"
#include "client/views/figures_view.h"

namespace {

ion::Result<std::string> heaps(const UsageMount& mount, const ReadOptions& options) {
    const auto figures = mount.figures();
    if (!figures) {
        return figures.error();
    }
    if (!options.json) {
        return ion::views::heaps_table(*figures, options.sizes()).text();
    }
    ion::views::Json document = ion::views::json_document("heaps");
    document["heaps"] = ion::views::heaps_json(*figures);
    return ion::views::json_text(document);
}

ion::Result<std::string> clients(const UsageMount& mount, const ReadOptions& options) {
    auto figures = mount.figures();
    if (!figures) {
        return figures.error();
    }
    ion::views::sort_by_bytes(*figures);
    if (options.json) {
        ion::views::Json document = ion::views::json_document("clients");
        document["open_files"] = figures->open_files;
        document["clients"] = ion::views::clients_json(*figures);
        return ion::views::json_text(document);
    }
    const std::uint64_t without =
        figures->open_files - std::min(figures->open_files, figures->clients.size());
    std::string text = ion::views::clients_table(*figures, options.sizes()).text();
    if (without != 0) {
        text += ion::views::counted(without, "more open file") + " of the device without memory\n";
    }
    return text;
}

}  // namespace

Subcommand::Run add_heaps(CLI::App& app) {
    return add_show(app, "heaps", "Heaps: their sizes, what is used, free and in pieces", heaps);
}

Subcommand::Run add_clients(CLI::App& app) {
    return add_show(app, "clients", "Who has how much of which heap, the biggest first", clients);
}
