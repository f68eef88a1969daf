// SPDX-License-Identifier: Apache-2.0
//
// Memory in a sealed anonymous file, and the exporter that makes it. Works on every kernel.

#pragma once

#include <cstdint>
#include <memory>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/exporter.h"
#include "heaps/memory.h"

namespace ion {

/// A zeroed memfd of `size_bytes`, sealed against SHRINK, GROW and further seals, so that no client can make
/// another one fault. Its pages come with first use. `name` is shown in /proc/PID/maps.
[[nodiscard]] Result<UniqueFd> make_sealed_memfd(const char* name, std::uint64_t size_bytes);

/// The same on a description that MemfdMemory can take over; nobody else has seen it. Any thread.
[[nodiscard]] Result<UniqueFd> make_buffer_memfd(std::uint64_t size_bytes);

/// As make_buffer_memfd(), with all its pages: whoever maps it need not wait for them. Any thread; writes them
/// without a mapping, so that no other thread waits for a lock or is interrupted for its page tables. Takes about
/// a millisecond for 4 MiB. Errors: also ENOSPC or ENOMEM when there are not that many pages.
[[nodiscard]] Result<UniqueFd> make_filled_memfd(std::uint64_t size_bytes);

/// Gives the pages of a sealed memfd back to the kernel: all of it reads as 0 from then on. Any thread.
Result<void> drop_pages(int fd, std::uint64_t offset, std::uint64_t size_bytes);

/// A memfd of which the daemon keeps one open file description and every client gets another.
///
/// idle() asks the kernel for a write lease on the daemon's description: it is granted exactly when no other
/// description of the file exists, and a mapping keeps the description that it was made from. This does not
/// work on the description that memfd_create returns (the kernel does not count it as a writer), so that one
/// is reopened and closed.
///
/// A client that opens the file again in the microseconds while the lease is held makes the kernel send
/// SIGIO to this process: SIGIO must be ignored (its default ends the process).
class MemfdMemory final : public Memory {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Memory>> create(std::uint64_t size_bytes);

    /// Takes over a descriptor that an earlier worker's create() made.
    [[nodiscard]] static Result<std::unique_ptr<Memory>> adopt(UniqueFd fd);

    [[nodiscard]] ExporterKind kind() const override { return ExporterKind::kMemfd; }
    [[nodiscard]] int fd() const override { return fd_.get(); }
    [[nodiscard]] FileId id() const override { return id_; }
    [[nodiscard]] Result<UniqueFd> open_export() const override;
    [[nodiscard]] bool idle() const override;

  private:
    MemfdMemory(UniqueFd fd, FileId id) : fd_(std::move(fd)), id_(id) {}

    UniqueFd fd_;
    FileId id_;
};

class MemfdExporter final : public Exporter {
  public:
    [[nodiscard]] ExporterKind kind() const override { return ExporterKind::kMemfd; }
    [[nodiscard]] Result<std::unique_ptr<Memory>> create(std::uint64_t size_bytes) override {
        return MemfdMemory::create(size_bytes);
    }
};

}  // namespace ion
