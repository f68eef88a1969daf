// SPDX-License-Identifier: Apache-2.0
//
// iond: options, configuration, and on to the keeper.

#include <cstdio>

#include "daemon/base/log.h"
#include "daemon/config/load.h"
#include "daemon/config/type_list.h"
#include "daemon/keeper/keeper.h"
#include "daemon/options.h"
#include "heaps/heap_catalog.h"

int main(int argc, char** argv) {
    const ion::ParsedOptions parsed = ion::parse_options(argc, argv);
    if (parsed.exit_status) {
        return *parsed.exit_status;
    }
    const ion::CommandLine& options = parsed.options;
    if (options.list_heap_types) {
        std::fputs(ion::heap_type_list(ion::builtin_heap_types()).c_str(), stdout);
        return 0;
    }
    const auto config = ion::load_config({.file = options.config_file}, ion::builtin_heap_types());
    if (!config) {
        std::fprintf(stderr, "iond: %s\n", config.error().context.c_str());
        return 1;
    }
    if (options.check_config) {
        std::printf("configuration ok: %zu heaps\n", config->heaps.size());
        return 0;
    }
    ion::log::init(options.log_level.empty() ? config->log_level : options.log_level);
    return ion::run_keeper(options, *config);
}
