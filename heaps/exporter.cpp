// SPDX-License-Identifier: Apache-2.0

#include "heaps/exporter.h"

#include <string>
#include <utility>

#include "heaps/dmabuf.h"
#include "heaps/kernel_dma_heap.h"
#include "heaps/memfd.h"
#include "heaps/udmabuf.h"
#include "heaps/vgem.h"

namespace ion {

Result<std::unique_ptr<Memory>> Exporter::carve(std::span<const ArenaRange> /*ranges*/) {
    return fail(ENOTSUP, std::string(exporter_name(kind())) + " has no ranges of an arena");
}

Result<std::unique_ptr<Exporter>> open_exporter(ExporterKind kind) {
    switch (kind) {
        case ExporterKind::kMemfd:
            return std::unique_ptr<Exporter>(std::make_unique<MemfdExporter>());
        case ExporterKind::kUdmabuf:
            return UdmabufExporter::open();
        case ExporterKind::kVgem:
            return VgemExporter::open();
        case ExporterKind::kDmaHeap:
            return KernelDmaHeapExporter::open();
    }
    return fail(EINVAL, "no such exporter");
}

Result<std::unique_ptr<Memory>> adopt_memory(ExporterKind kind, UniqueFd fd) {
    return kind == ExporterKind::kMemfd ? MemfdMemory::adopt(std::move(fd))
                                        : DmabufMemory::adopt(kind, std::move(fd));
}

}  // namespace ion
