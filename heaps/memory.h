// SPDX-License-Identifier: Apache-2.0
//
// Memory: what a buffer's bytes live in, held by exactly one descriptor of the daemon.

#pragma once

#include <cstdint>
#include <memory>

#include "daemon/base/file_id.h"
#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"

namespace ion {

/// Which exporter made a piece of memory. The values are part of the journal format.
enum class ExporterKind : std::uint8_t { kMemfd = 1, kUdmabuf = 2, kVgem = 3, kDmaHeap = 4 };

/// Name as in the configuration's `exporters` list: "memfd", "udmabuf", "vgem", "dma_heap".
constexpr const char* exporter_name(ExporterKind kind) {
    switch (kind) {
        case ExporterKind::kMemfd:
            return "memfd";
        case ExporterKind::kUdmabuf:
            return "udmabuf";
        case ExporterKind::kVgem:
            return "vgem";
        case ExporterKind::kDmaHeap:
            return "dma_heap";
    }
    return "unknown";
}

/// One mappable kernel object (a sealed memfd or a dma-buf). The loop thread only.
class Memory {
  public:
    Memory() = default;
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    virtual ~Memory() = default;

    [[nodiscard]] virtual ExporterKind kind() const = 0;

    /// The one descriptor that keeps it alive; borrowed.
    [[nodiscard]] virtual int fd() const = 0;

    /// What a client's descriptor for it identifies as. Stays the same for the life of the memory.
    [[nodiscard]] virtual FileId id() const = 0;

    /// A descriptor for a client, O_RDWR and close-on-exec. The daemon must close its own copy as soon as it
    /// has been sent: a copy counts as outside use.
    ///
    /// Errors: ENOMEM when the daemon's descriptor table is full.
    [[nodiscard]] virtual Result<UniqueFd> open_export() const = 0;

    /// True when nobody but the daemon has it open or mapped. False as well when that cannot be found out.
    ///
    /// Takes microseconds. May take a spare descriptor for a moment, and may raise SIGIO, which must be ignored.
    [[nodiscard]] virtual bool idle() const = 0;
};

}  // namespace ion
