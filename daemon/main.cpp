// SPDX-License-Identifier: Apache-2.0
//
// iond: options, configuration, and on to the keeper.

#include <cstdio>

#include "daemon/base/log.h"
#include "daemon/check.h"
#include "daemon/config/load.h"
#include "daemon/config/type_list.h"
#include "daemon/journal/journal.h"
#include "daemon/keeper/keeper.h"
#include "daemon/options.h"
#include "heaps/heap_catalog.h"

namespace {

int refuse(const ion::Error& error) {
    std::fprintf(stderr, "iond: %s\n", error.context.c_str());
    return 1;
}

}  // namespace

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
    const auto texts = ion::read_config_texts({.file = options.config_file});
    if (!texts) {
        return refuse(texts.error());
    }
    const auto checked = ion::check_in_child(*texts);
    if (!checked) {
        return refuse(checked.error());
    }
    const ion::FdNumbers inherited = ion::take_inherited();
    if (options.check_config) {
        const auto journal = inherited.find(ion::inherited::kJournal);
        const auto known =
            journal != inherited.end() ? ion::Journal::check(journal->second) : ion::Result<void>();
        if (!known) {
            return refuse(known.error());
        }
        std::printf("%s\n", checked->c_str());
        return 0;
    }
    const auto preface = ion::read_preface(*texts);
    if (!preface) {
        return refuse(preface.error());
    }
    ion::log::init(options.log_level.empty() ? preface->log_level : options.log_level);
    return ion::run_keeper(options, *texts, inherited);
}
