// SPDX-License-Identifier: Apache-2.0
//
// Load: clients that keep allocating, writing patterns, checking and freeing (tests/clients/churn.c), and how far
// they are.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "tests/node/program.h"

struct churn_page;

namespace ion::test {

class Daemon;

/// The daemon outlives it.
class Load {
  public:
    explicit Load(const Daemon& daemon);
    ~Load();
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    /// One client more; `kind` as churn.c's.
    void add(const std::string& kind, int threads);

    /// Waits until the clients' calls have been answered `count` times more; false when they are stuck.
    [[nodiscard]] bool advance(std::uint32_t count);

    /// Calls of the device that have been answered, over all clients; wraps.
    [[nodiscard]] std::uint32_t progress() const;

    /// As many calls may be on their way at once.
    [[nodiscard]] std::uint32_t threads() const { return threads_; }

    /// Tells all to end; each must have found its patterns intact and what it holds as it should be.
    void finish();

  private:
    const Daemon& daemon_;
    UniqueFd memory_;
    churn_page* page_ = nullptr;
    std::uint32_t threads_ = 0;
    std::vector<std::unique_ptr<Program>> clients_;
};

}  // namespace ion::test
