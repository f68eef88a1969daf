// SPDX-License-Identifier: Apache-2.0
//
// ionctl heap: what there is to do with heaps.

#include "client/tools/heap_commands.h"

Subcommand::Run add_heap(CLI::App& app) {
    return add_group(app, "heap",
                     "Changes the heaps that iond serves; checks and compares heap types without it",
                     {{add_heap_add, "add"},
                      {add_heap_remove, "remove"},
                      {add_heap_reload, "reload"},
                      {add_heap_check, "check"},
                      {add_heap_compare, "compare"}});
}
