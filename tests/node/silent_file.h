// SPDX-License-Identifier: Apache-2.0
//
// SilentFile: a file on a FUSE mount of its own whose content is never delivered: whoever reads it, or touches a
// mapping of it, waits until this object goes.

#pragma once

#include <sys/types.h>

#include <string>

namespace ion::test {

class SilentFile {
  public:
    SilentFile();
    ~SilentFile();
    SilentFile(const SilentFile&) = delete;
    SilentFile& operator=(const SilentFile&) = delete;

    [[nodiscard]] std::string path() const { return directory_ + "/silent"; }

  private:
    std::string directory_ = "/tmp/ion-silent-XXXXXX";
    pid_t server_ = -1;
};

}  // namespace ion::test
