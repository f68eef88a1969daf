// SPDX-License-Identifier: Apache-2.0
//
// RuntimeFiles: what a daemon leaves in the file system while it runs. All of it goes when this goes.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "daemon/keeper/runtime_paths.h"

namespace ion {

/// Every error is one line that says what is wrong and the remedy.
class RuntimeFiles {
  public:
    RuntimeFiles() = default;
    RuntimeFiles(const RuntimeFiles&) = delete;
    RuntimeFiles& operator=(const RuntimeFiles&) = delete;
    /// Undoes everything, last made first.
    ~RuntimeFiles();

    /// Makes `path` a directory, with the missing parents.
    Result<void> make_directory(const std::string& path);

    /// Takes the lock of a runtime directory. The file names the directories that this makes, so that the next daemon
    /// removes those of one that was killed. Errors: EBUSY when another daemon has it.
    Result<void> lock(const std::string& path);

    /// Goes on with what a former daemon made: its lock, a mount, a file. Asks a mount for nothing: nobody would answer.
    void adopt_lock(const std::string& path, UniqueFd fd);
    void adopt_mount(const std::string& directory);
    void adopt_file(const std::string& path);

    /// Mounts a FUSE file system of type fuse.`type` on a directory, over the remains of a killed daemon if
    /// there are any. Returns the connection, non-blocking.
    Result<UniqueFd> mount(const std::string& directory, const std::string& type);

    /// Makes `link` point to `target`. Errors: EEXIST when there is something else already.
    Result<void> link(const std::string& link, const std::string& target);

    /// A listening SOCK_SEQPACKET socket, mode 0600, non-blocking.
    Result<UniqueFd> listen(const std::string& path);

    /// Leaves everything made so far behind.
    void keep() {
        undo_.clear();
        made_.clear();
    }

    /// Descriptors that this holds.
    [[nodiscard]] int lock_fd() const { return lock_.get(); }

  private:
    void read_made();
    void write_made() const;

    UniqueFd lock_;
    std::vector<std::string> made_;  // directories, in the order of making
    std::vector<std::function<void()>> undo_;
};

/// Opens /dev/cuse, non-blocking, for a device that does not exist yet.
Result<UniqueFd> open_cuse(const std::string& device);

}  // namespace ion
