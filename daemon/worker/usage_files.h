// SPDX-License-Identifier: Apache-2.0
//
// UsageFiles: the usage mount's files over the device's snapshots.

#pragma once

#include "daemon/core/device.h"
#include "daemon/core/faults.h"
#include "daemon/transport/usage_transport.h"
#include "daemon/usage/growth_rule.h"
#include "daemon/usage/recent_texts.h"
#include "daemon/usage/refusal_log.h"
#include "daemon/usage/visibility.h"
#include "daemon/worker/holder_looks.h"
#include "daemon/worker/usage_settings.h"

namespace ion {

/// The loop thread only; device, refusals, faults and looks (null when there are none) outlive it.
class UsageFiles : public UsageHandler {
  public:
    UsageFiles(Device& device, const RefusalLog& refusals, const Faults& faults, HolderLooks* looks,
               const UsageSettings& settings);

    /// From now on; what is open stays as it is.
    void set(const UsageSettings& settings);

    /// Follows who grows, and says so in the log. After every loop turn.
    void turn();

    /// Must be called before the first request; the session outlives this.
    void attach(FuseSession& session) { session_ = &session; }

    [[nodiscard]] TreeNames names(const UsageCaller& caller) const override;
    [[nodiscard]] UsageOwner owner() const override;
    [[nodiscard]] std::uint64_t size(std::uint64_t inode, const UsageCaller& caller) const override;
    [[nodiscard]] const std::string* content(std::uint64_t file) const override;
    int write(std::uint64_t inode, std::string_view text) override;
    void open(SlotIndex slot, std::uint64_t inode, const UsageCaller& caller) override;
    void release(SlotIndex slot, std::uint64_t file) override;

    /// Start of a worker: true when the slot's request was answered by a former one.
    bool resume(SlotIndex slot);

  private:
    void finish(SlotIndex slot, std::span<const std::byte> reply, Transaction tx);

    [[nodiscard]] bool lasts(std::uint64_t inode) const;
    [[nodiscard]] Viewer viewer(const UsageCaller& caller) const;
    [[nodiscard]] Snapshot snapshot(std::uint64_t inode, const Viewer& viewer) const;
    [[nodiscard]] bool has_buffer(std::uint64_t id, const Viewer& viewer) const;
    [[nodiscard]] std::vector<std::uint64_t> all_buffers(const Viewer& viewer) const;
    [[nodiscard]] std::vector<ClientGrowth> growing() const;
    void answer_open(SlotIndex slot, std::uint64_t inode, std::int32_t tid, const Viewer& viewer);

    Device& device_;
    const RefusalLog& refusals_;
    const Faults& faults_;
    HolderLooks* looks_;
    UsageSettings settings_;
    GrowthRule growth_;
    mutable RecentTexts recent_;
    FuseSession* session_ = nullptr;
};

}  // namespace ion
