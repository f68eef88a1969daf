// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/usage_report.h"

#include "daemon/usage/tree.h"

namespace ion {

namespace {

void add_directory(std::string& report, std::uint64_t inode, const std::string& path, const TreeNames& names,
                   const Snapshot& snapshot) {
    for (const TreeEntry& entry : list(inode, names).value_or(std::vector<TreeEntry>())) {
        const bool writable = (entry.node.permissions & 0222) != 0 && !entry.node.is_directory;
        if (entry.name == "." || entry.name == ".." || writable) {  // nobody can write to a report
            continue;
        }
        if (entry.node.is_directory) {
            add_directory(report, entry.node.inode, path + entry.name + "/", names, snapshot);
        } else {
            report += "==> " + path + entry.name + " <==\n" +
                      render(entry.node.inode, snapshot).value_or(std::string());
        }
    }
}

}  // namespace

std::string usage_report(const Snapshot& snapshot) {
    std::string report;
    TreeNames names = names_of(snapshot);
    names.layouts = {.a = false, .b = true, .d = false};  // one text for each heap is enough for a reader
    add_directory(report, kRootInode, "", names, snapshot);
    return report;
}

}  // namespace ion
