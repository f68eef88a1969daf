// SPDX-License-Identifier: Apache-2.0
//
// ionctl map: what lies where in a heap's region.

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "client/tools/read_command.h"
#include "client/usage/memory_map.h"
#include "client/views/map_view.h"

namespace {

struct MapOptions : ReadOptions {
    std::string heap;
    std::string svg;
};

/// https://no-color.org: set and not empty.
bool wants_colour() {
    const char* no_color = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || no_color[0] == '\0');
}

ion::Error no_map(const UsageMount& mount, const std::string& heap) {
    std::string there;
    if (const auto names = mount.list("map")) {
        for (const std::string& name : *names) {
            there += (there.empty() ? "; there are maps of " : ", ") + name;
        }
    }
    return ion::fail(ENOENT, "no heap \"" + heap + "\" with a memory map" + there);
}

ion::Result<std::string> map(const UsageMount& mount, const MapOptions& options) {
    const bool is_name = !options.heap.empty() && options.heap.find('/') == std::string::npos &&
                         !options.heap.starts_with('.');
    const auto text =
        is_name ? mount.read("map/" + options.heap) : ion::Result<std::string>(ion::fail(ENOENT, ""));
    if (!text) {
        return text.error().code == ENOENT ? no_map(mount, options.heap) : text.error();
    }
    auto runs = ion::usage::parse_memory_map(*text);
    if (!runs) {
        return runs.error();
    }
    const auto figures = mount.figures();
    if (!figures) {
        return figures.error();
    }
    const auto picture = ion::views::heap_map(options.heap, *std::move(runs), *figures);
    if (!options.svg.empty()) {
        std::ofstream file(options.svg == "-" ? "/dev/stdout" : options.svg);
        file << ion::views::map_svg(picture);
        file.close();
        return file ? ion::Result<std::string>("") : ion::fail_errno(errno, options.svg);
    }
    if (options.json) {
        ion::views::Json document = ion::views::json_document("map");
        document["map"] = ion::views::map_json(picture);
        return ion::views::json_text(document);
    }
    return ion::views::map_text(picture, wants_colour());
}

}  // namespace

Subcommand::Run add_map(CLI::App& app) {
    const auto options = std::make_shared<MapOptions>();
    CLI::App* command = app.add_subcommand("map", "What lies where in a heap's region, and whose it is");
    command->add_option("HEAP", options->heap, "Name of a heap with a region")->required();
    command->add_option("--svg", options->svg, "Write a picture instead (- is stdout)")->type_name("FILE");
    add_read_options(*command, *options, false);
    return [options](const CommonOptions& common) {
        return show(common, [&](const UsageMount& mount) { return map(mount, *options); });
    };
}
