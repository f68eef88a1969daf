// SPDX-License-Identifier: Apache-2.0
//
// Exporter: one source of mappable kernel memory (memfd, udmabuf, vgem, a dma-heap).

#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/memory.h"

namespace ion {

/// A piece of an arena, a sealed memfd that one heap carves its buffers from. Bytes, multiples of the page size.
struct ArenaRange {
    int fd = -1;  ///< borrowed
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// Makes memory, zeroed and seen by nobody else. The loop thread only.
class Exporter {
  public:
    Exporter() = default;
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;
    virtual ~Exporter() = default;

    [[nodiscard]] virtual ExporterKind kind() const = 0;

    /// Memory of `size_bytes`, a multiple of the page size above 0.
    ///
    /// Errors: ENOMEM when there is none now or the descriptor table is full; EINVAL when this exporter can
    /// never make that much; other codes as its kernel driver gave them.
    [[nodiscard]] virtual Result<std::unique_ptr<Memory>> create(std::uint64_t size_bytes) = 0;

    /// True when carve() works.
    [[nodiscard]] virtual bool carves() const { return false; }

    /// Memory that *is* these ranges of an arena, one after the other: what one writes, the other reads. Errors as
    /// create(); ENOTSUP when this exporter cannot.
    [[nodiscard]] virtual Result<std::unique_ptr<Memory>> carve(std::span<const ArenaRange> ranges);
};

/// Opens what an exporter needs of the machine.
///
/// Errors: ENODEV or EACCES when it cannot be had here, with the remedy in `context`.
[[nodiscard]] Result<std::unique_ptr<Exporter>> open_exporter(ExporterKind kind);

/// Takes over the memory behind a descriptor that an earlier worker's exporter of that kind made. Needs no
/// exporter: memory outlives the device that it came from.
[[nodiscard]] Result<std::unique_ptr<Memory>> adopt_memory(ExporterKind kind, UniqueFd fd);

}  // namespace ion
