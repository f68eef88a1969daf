// SPDX-License-Identifier: Apache-2.0
//
// Memory in a dma-buf, whichever driver exported it.

#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/memory.h"

namespace ion {

/// A dma-buf held by one descriptor; clients get copies of it.
///
/// idle() reads the reference count of the dma-buf's file from /proc/self/fdinfo, which takes a free
/// descriptor for a moment. Every descriptor anywhere, every mapping and every device that imported it
/// counts. A child forked without CLONE_FILES counts as outside use while it lives.
class DmabufMemory final : public Memory {
  public:
    /// Takes over a dma-buf to which nobody else, no driver either, has a reference of its own.
    [[nodiscard]] static Result<std::unique_ptr<Memory>> adopt(ExporterKind kind, UniqueFd fd);

    [[nodiscard]] ExporterKind kind() const override { return kind_; }
    [[nodiscard]] int fd() const override { return fd_.get(); }
    [[nodiscard]] FileId id() const override { return id_; }
    [[nodiscard]] Result<UniqueFd> open_export() const override;
    [[nodiscard]] bool idle() const override;

  private:
    DmabufMemory(ExporterKind kind, UniqueFd fd, FileId id) : kind_(kind), fd_(std::move(fd)), id_(id) {}

    ExporterKind kind_;
    UniqueFd fd_;
    FileId id_;
};

/// The `count:` line of a dma-buf's fdinfo text; nothing when there is no valid one.
[[nodiscard]] std::optional<unsigned long> parse_dmabuf_count(std::string_view fdinfo);

}  // namespace ion
