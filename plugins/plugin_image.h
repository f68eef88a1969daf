// SPDX-License-Identifier: Apache-2.0
//
// PluginImage: the bytes of a plug-in's file, copied once, so that what is loaded stays what it is when the file
// is built again.

#pragma once

#include <string>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

/// In a sealed memfd. The loader tells objects apart by inode, so a rebuilt file is another object.
class PluginImage {
  public:
    /// Copies the file. Errors: those of open and read, EFBIG above 64 MiB, ENOEXEC when it is not a shared
    /// object for this machine; each names the file.
    [[nodiscard]] static Result<PluginImage> read(const std::string& path);

    /// Takes over the image that an earlier worker read from `path`.
    PluginImage(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] int fd() const { return fd_.get(); }

    /// Gives the descriptor up without closing it.
    int leave_open() { return fd_.release(); }

    /// True when both hold the same bytes.
    [[nodiscard]] bool same_bytes(const PluginImage& other) const;

  private:
    std::string path_;
    UniqueFd fd_;
};

}  // namespace ion
