// SPDX-License-Identifier: Apache-2.0

#include "heaps/kernel_dma_heap.h"

#include <fcntl.h>
#include <linux/dma-heap.h>
#include <sys/ioctl.h>
#include <sys/sysinfo.h>

#include <string>

#include "heaps/descriptors.h"
#include "heaps/dmabuf.h"

namespace ion {

Result<std::unique_ptr<Exporter>> KernelDmaHeapExporter::open(const char* device) {
    auto fd = open_device(device, "use a kernel that has it, such as one with CONFIG_DMABUF_HEAPS_SYSTEM");
    if (!fd) {
        return fd.error();
    }
    struct sysinfo machine {};
    if (::sysinfo(&machine) != 0) {
        return fail_errno(errno, "sysinfo");
    }
    const std::uint64_t half = std::uint64_t{machine.totalram} * machine.mem_unit / 2;
    return std::unique_ptr<Exporter>(new KernelDmaHeapExporter(*std::move(fd), half));
}

Result<std::unique_ptr<Memory>> KernelDmaHeapExporter::create(std::uint64_t size_bytes) {
    if (size_bytes > limit_bytes_) {
        return fail(ENOMEM,
                    "dma_heap: " + std::to_string(size_bytes) + " bytes are more than half of the memory");
    }
    dma_heap_allocation_data request{};
    request.len = size_bytes;
    request.fd_flags = O_RDWR | O_CLOEXEC;
    if (::ioctl(device_.get(), DMA_HEAP_IOCTL_ALLOC, &request) != 0) {
        return descriptor_error(errno, "DMA_HEAP_IOCTL_ALLOC");
    }
    return DmabufMemory::adopt(ExporterKind::kDmaHeap, UniqueFd(static_cast<int>(request.fd)));
}

}  // namespace ion
