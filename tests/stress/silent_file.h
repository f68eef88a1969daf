// SPDX-License-Identifier: Apache-2.0
//
// SilentFile: a file on a FUSE file system that is looked up, opened and mapped as any other, and whose reads are
// never answered.

#pragma once

#include <sys/types.h>

#include <string>

namespace ion::test {

class SilentFile {
  public:
    /// Mounts it; path() is empty when that fails, which is a test failure.
    SilentFile();
    ~SilentFile();
    SilentFile(const SilentFile&) = delete;
    SilentFile& operator=(const SilentFile&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

    /// Ends the server: whoever waits for a page gets an error.
    void end();

  private:
    std::string directory_;
    std::string path_;
    pid_t server_ = -1;
};

}  // namespace ion::test
