// SPDX-License-Identifier: Apache-2.0
//
// GuardedBacking: a buffer of a plug-in's heap as the rest of the daemon may use it.

#pragma once

#include <memory>
#include <vector>

#include "heaps/heap.h"
#include "plugins/plugin_guard.h"

namespace ion {

/// What does not change is asked once; the rest goes through the guard.
class GuardedBacking final : public Backing {
  public:
    /// A buffer of `size` bytes. Errors: EIO when it is of another size or has no descriptor. `guard` outlives it.
    [[nodiscard]] static Result<std::unique_ptr<Backing>> wrap(std::unique_ptr<Backing> backing,
                                                               std::uint64_t size, PluginGuard& guard);

    ~GuardedBacking() override;

    [[nodiscard]] const Memory& memory() const override { return *memory_; }
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return placement_; }

    /// The plug-in's own object behind a buffer that wrap() made.
    [[nodiscard]] static const Backing& inner(const Backing& buffer) {
        return *static_cast<const GuardedBacking&>(buffer).backing_;
    }

  private:
    GuardedBacking(std::unique_ptr<Backing> backing, PluginGuard& guard);

    PluginGuard& guard_;
    std::unique_ptr<Backing> backing_;
    std::unique_ptr<Memory> memory_;
    std::uint64_t size_;
    std::vector<PlacedRange> placement_;
};

}  // namespace ion
