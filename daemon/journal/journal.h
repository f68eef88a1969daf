// SPDX-License-Identifier: Apache-2.0
//
// Journal: the commit point. Records appended here survive the worker; the next one reads them back.

#pragma once

#include <functional>

#include "daemon/base/unique_fd.h"
#include "daemon/core/device.h"
#include "daemon/journal/journal_layout.h"

namespace ion {

/// One journal, mapped. The keeper creates it; its worker (one at a time) writes it.
class Journal : public CommitLog {
  public:
    /// A new, empty journal in a memfd. Errors: those of memfd_create, ftruncate, mmap.
    static Result<std::unique_ptr<Journal>> create();

    /// A journal that another process made; replay() comes next. Errors: EBADMSG when the file has not the size
    /// of a journal, else those of fstat and mmap.
    static Result<std::unique_ptr<Journal>> attach(UniqueFd fd);

    /// Looks whether this program can go on with a journal, without changing it. Errors: EBADMSG when it is none, or
    /// of a version that is neither this program's nor the one before, with both in the text.
    static Result<void> check(int fd);

    /// Makes a journal of the previous version one of this. Errors: as check().
    Result<void> convert();

    ~Journal() override;

    Result<void> append(std::span<const Record> records) override;

    /// Calls `visit` for every record committed so far, in order, notes where to go on, and takes back answers
    /// whose commit was never made. Errors: EBADMSG when the bytes are not a journal; what precedes the damage
    /// has been visited.
    Result<void> replay(const std::function<void(Record)>& visit);

    /// Replaces the log by the records that `describe` emits, when it has grown to more than twice of what the
    /// last compaction left, or when it was full. Cheap when there is nothing to do.
    void compact_if_grown(const std::function<void(const std::function<void(const Record&)>&)>& describe);

    /// Commits made in this journal's life. An answer staged for commit n stands when this is n or more.
    [[nodiscard]] std::uint64_t commits() const { return commits_; }

    [[nodiscard]] JournalHeader& header() { return *header_; }
    [[nodiscard]] RequestSlot* slots() { return slots_; }
    [[nodiscard]] int fd() const { return fd_.get(); }

    /// Bytes of log in use.
    [[nodiscard]] std::uint64_t size() const { return tail_; }

  private:
    Journal(UniqueFd fd, std::byte* base);

    static Result<std::unique_ptr<Journal>> map(UniqueFd fd);
    Result<void> replay_batch(std::span<const std::byte> body, const std::function<void(Record)>& visit);
    void unstage_uncommitted();

    [[nodiscard]] std::byte* area(std::uint64_t index) const { return base_ + kAreaOffset[index]; }

    UniqueFd fd_;
    std::byte* base_;
    JournalHeader* header_;
    RequestSlot* slots_;
    std::uint64_t area_ = 0;  // active area
    std::uint64_t tail_ = 0;  // bytes in it
    std::uint64_t commits_ = 0;
    std::uint64_t compacted_ = 0;  // bytes that the last compaction left
};

}  // namespace ion
