// SPDX-License-Identifier: Apache-2.0
//
// Exporter of dma-bufs from a dma-heap of the kernel, "system" unless told otherwise.

#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/exporter.h"

namespace ion {

/// Allocates all pages at once. The kernel sets no limit: a request beyond its memory makes it kill processes,
/// so more than half of the memory is refused here, with ENOMEM, as ION's own system heap does.
class KernelDmaHeapExporter final : public Exporter {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Exporter>> open(const char* device = "/dev/dma_heap/system");

    [[nodiscard]] ExporterKind kind() const override { return ExporterKind::kDmaHeap; }
    [[nodiscard]] Result<std::unique_ptr<Memory>> create(std::uint64_t size_bytes) override;

  private:
    KernelDmaHeapExporter(UniqueFd device, std::uint64_t limit_bytes)
        : device_(std::move(device)), limit_bytes_(limit_bytes) {}

    UniqueFd device_;
    std::uint64_t limit_bytes_;
};

}  // namespace ion
