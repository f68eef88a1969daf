// SPDX-License-Identifier: Apache-2.0
//
// Exporter of dma-bufs from vgem, the kernel's virtual graphics card, for kernels without udmabuf.

#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/exporter.h"

namespace ion {

/// Each buffer is a "dumb buffer" of the card, exported by PRIME. Pages come with first use. Below 4 GiB.
class VgemExporter final : public Exporter {
  public:
    /// Looks for the card in `directory`. Only "cardN" nodes make dumb buffers (render nodes do not).
    [[nodiscard]] static Result<std::unique_ptr<Exporter>> open(const char* directory = "/dev/dri");

    [[nodiscard]] ExporterKind kind() const override { return ExporterKind::kVgem; }
    [[nodiscard]] Result<std::unique_ptr<Memory>> create(std::uint64_t size_bytes) override;

  private:
    explicit VgemExporter(UniqueFd card) : card_(std::move(card)) {}

    UniqueFd card_;
};

}  // namespace ion
