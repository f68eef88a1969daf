// SPDX-License-Identifier: Apache-2.0
//
// Exporter of dma-bufs that are (ranges of) memfds: the kernel's udmabuf driver.

#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/exporter.h"

namespace ion {

/// Allocates all pages at once. Beyond the module's parameter size_limit_mb (64 by default): EINVAL.
class UdmabufExporter final : public Exporter {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Exporter>> open(const char* device = "/dev/udmabuf");

    [[nodiscard]] ExporterKind kind() const override { return ExporterKind::kUdmabuf; }
    [[nodiscard]] Result<std::unique_ptr<Memory>> create(std::uint64_t size_bytes) override;
    [[nodiscard]] bool carves() const override { return true; }

    /// The arena must be sealed against SHRINK. The memory keeps the pages, not the arena: pages that are
    /// punched out of the arena later stay with it alone.
    [[nodiscard]] Result<std::unique_ptr<Memory>> carve(std::span<const ArenaRange> ranges) override;

  private:
    explicit UdmabufExporter(UniqueFd device) : device_(std::move(device)) {}

    UniqueFd device_;
};

}  // namespace ion
