// SPDX-License-Identifier: Apache-2.0
//
// FakeHeap: a heap for tests of the model. The test decides what its memory is; without that it makes no
// system call.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "heaps/heap.h"

namespace ion {

/// What a test sees of and decides about one piece of fake memory, also after it is gone.
struct FakeMemoryState {
    ExporterKind kind = ExporterKind::kMemfd;
    int fd = -1;              ///< a number only; nothing is open
    FileId id;                ///< unlike any other memory's
    bool idle = true;         ///< what idle() answers
    int export_error = 0;     ///< not 0: open_export() fails with this errno
    mutable int looks = 0;    ///< calls of idle()
    int export_of = -1;       ///< not -1: open_export() gives a duplicate of this, else an empty UniqueFd
    mutable int exports = 0;  ///< successful calls of open_export()
    bool released = false;    ///< its Backing is gone
};

/// One call that a FakeHeap was asked to serve.
struct FakeHeapCall {
    enum class Kind : std::uint8_t { kAllocate, kRestore };
    Kind kind = Kind::kAllocate;
    HeapRequest request;
    std::vector<PlacedRange> placement;  ///< of a restore
    ExporterKind exporter = ExporterKind::kMemfd;
};

class FakeHeap final : public Heap {
  public:
    /// `region`: addresses to place buffers in, one after the other, none twice; size 0 is a heap without.
    explicit FakeHeap(PlacedRange region = {}) : region_(region), next_base_(region.base) {}

    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override;
    [[nodiscard]] Result<std::unique_ptr<Backing>> restore(RestoreRequest request) override;
    [[nodiscard]] HeapUsage usage() const override;
    [[nodiscard]] bool has_addresses() const override { return region_.size != 0; }

    /// Calls to come, allocate and restore alike, fail with `code`, until it is 0 again.
    void fail_with(int code) { failure_ = code; }

    /// What protects_content() answers.
    void set_protects_content(bool protects) { protects_content_ = protects; }
    [[nodiscard]] bool protects_content() const override { return protects_content_; }

    /// secure() fails with `code`, until it is 0 again.
    void refuse_protection_with(int code) { protection_failure_ = code; }
    [[nodiscard]] Result<void> secure() override {
        if (protection_failure_ != 0) {
            return fail(protection_failure_, "fake protection");
        }
        ++protections_;
        return {};
    }
    [[nodiscard]] Result<void> unsecure() override {
        --protections_;
        return {};
    }
    /// Calls of secure() that have not been undone.
    [[nodiscard]] int protections() const { return protections_; }

    /// map_user() fails with `code`, until it is 0 again.
    void refuse_users_with(int code) { user_failure_ = code; }
    [[nodiscard]] Result<void> map_user(const Backing& buffer) override;
    void unmap_user(const Backing& /*buffer*/) override { --users_; }
    /// Successful calls of map_user() that have not been undone.
    [[nodiscard]] int users() const { return users_; }

    /// The next memory made identifies as this, as a restored one does as what the journal recorded.
    void set_next_id(FileId id) { next_id_ = id; }

    /// Memory for its next buffers, which shrink() gives back.
    void keep_pooled(std::uint64_t bytes) { pooled_ = bytes; }
    std::uint64_t shrink(std::uint64_t bytes) override {
        const std::uint64_t given = std::min(bytes, pooled_);
        pooled_ -= given;
        return given;
    }
    [[nodiscard]] bool can_shrink() const override { return pooled_ != 0; }

    /// Every call so far, the failed ones too.
    [[nodiscard]] const std::vector<FakeHeapCall>& calls() const { return calls_; }

    /// Memory by order of making, from 0.
    [[nodiscard]] FakeMemoryState& memory(std::size_t index) { return memories_.at(index); }
    [[nodiscard]] std::size_t memory_count() const { return memories_.size(); }

  private:
    class Allocation;

    [[nodiscard]] std::unique_ptr<Backing> make(std::uint64_t size, ExporterKind kind,
                                                std::vector<PlacedRange> placement);

    PlacedRange region_;
    std::uint64_t next_base_;
    std::uint64_t allocated_ = 0;
    std::uint64_t pooled_ = 0;
    int failure_ = 0;
    int user_failure_ = 0;
    int users_ = 0;
    int protections_ = 0;
    int protection_failure_ = 0;
    bool protects_content_ = false;
    std::optional<FileId> next_id_;
    std::vector<FakeHeapCall> calls_;
    std::deque<FakeMemoryState> memories_;  // a deque: references stay valid
};

}  // namespace ion
