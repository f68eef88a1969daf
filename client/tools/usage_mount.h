// SPDX-License-Identifier: Apache-2.0
//
// UsageMount: the directory with the usage files of a running iond.

#pragma once

#include <string>
#include <vector>

#include "client/tools/subcommand.h"
#include "client/usage/figures.h"
#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

class UsageMount {
  public:
    /// --usage-mount, or `debug` in the runtime directory. Errors: ENOTCONN when no daemon's files are there, with a
    /// hint; EACCES.
    [[nodiscard]] static ion::Result<UsageMount> find(const CommonOptions& options);

    /// The text of a file, one snapshot of it. Errors: ENOENT, EACCES and others, with its path; EFBIG above 256 MiB.
    [[nodiscard]] ion::Result<std::string> read(const std::string& file) const;

    /// Names in a directory, shorter ones first, then by their bytes: numbers in their order.
    [[nodiscard]] ion::Result<std::vector<std::string>> list(const std::string& directory) const;

    /// The file `metrics`.
    [[nodiscard]] ion::Result<ion::usage::Figures> figures() const;

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    UsageMount(std::string path, ion::UniqueFd directory)
        : path_(std::move(path)), directory_(std::move(directory)) {}

    std::string path_;
    ion::UniqueFd directory_;
};
