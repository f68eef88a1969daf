// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/usage_report.h"

#include "daemon/usage/tree.h"

namespace ion {

namespace {

void add_directory(std::string& report, std::uint64_t inode, const std::string& path, const TreeNames& names,
                   const Snapshot& snapshot) {
    for (const TreeEntry& entry : list(inode, names).value_or(std::vector<TreeEntry>())) {
        if (entry.name == "." || entry.name == "..") {
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
    add_directory(report, kRootInode, "", names_of(snapshot), snapshot);
    return report;
}

}  // namespace ion
