// SPDX-License-Identifier: Apache-2.0
//
// Freezer: a control group of its own, whose processes can be stopped where they stand. The two kinds differ in what
// is frozen when: the old one knows nothing of tracers.

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ion::test {

enum class FreezerKind { kCgroup2, kOldFreezer };

/// The second only where the system has it mounted: freezing by it patches the kernel's code (a static branch), and
/// emulated machines have been seen to crash at that.
std::vector<FreezerKind> freezers_in_use();

class Freezer {
  public:
    /// Mounts the hierarchy in a temporary directory and makes a group in it.
    explicit Freezer(FreezerKind kind);
    /// Thaws. The group goes when its processes have ended, which must be before.
    ~Freezer();
    Freezer(const Freezer&) = delete;
    Freezer& operator=(const Freezer&) = delete;

    /// Why there is none, or nothing.
    [[nodiscard]] const std::string& missing() const { return missing_; }

    bool take(pid_t pid);

    /// Returns when all processes of the group are frozen; false when they do not become so.
    bool freeze();
    bool thaw();

  private:
    bool write(const char* file, const std::string& text) const;
    [[nodiscard]] bool is_frozen() const;

    FreezerKind kind_;
    std::string mount_;
    std::string group_;
    std::string missing_;
};

}  // namespace ion::test
