// SPDX-License-Identifier: Apache-2.0

#include "heaps/udmabuf.h"

#include <linux/dma-buf.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "heaps/descriptors.h"
#include "heaps/dmabuf.h"
#include "heaps/memfd.h"

namespace ion {
namespace {

/// With ION's own driver an END of CPU access that nobody has begun succeeds. udmabuf refuses one until it has made
/// its table of pages, which the first START does. Should that fail now, a client's START will try again.
void make_sync_unconditional(int dmabuf) {
    for (const __u64 flags : {DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END}) {
        dma_buf_sync sync{.flags = flags};
        static_cast<void>(::ioctl(dmabuf, DMA_BUF_IOCTL_SYNC, &sync));
    }
}

}  // namespace

Result<std::unique_ptr<Exporter>> UdmabufExporter::open(const char* device) {
    auto fd = open_device(device, "load the kernel module: modprobe udmabuf");
    if (!fd) {
        return fd.error();
    }
    return std::unique_ptr<Exporter>(new UdmabufExporter(*std::move(fd)));
}

Result<std::unique_ptr<Memory>> UdmabufExporter::create(std::uint64_t size_bytes) {
    const auto memfd = make_sealed_memfd("ion-udmabuf", size_bytes);
    if (!memfd) {
        return memfd.error();
    }
    const ArenaRange whole{.fd = memfd->get(), .offset = 0, .size = size_bytes};
    return carve({&whole, 1});
}

Result<std::unique_ptr<Memory>> UdmabufExporter::carve(std::span<const ArenaRange> ranges) {
    // struct udmabuf_create_list ends in an array: head and items in one piece of memory.
    const std::size_t items_at = offsetof(udmabuf_create_list, list);
    std::vector<std::byte> request(items_at + ranges.size() * sizeof(udmabuf_create_item));
    udmabuf_create_list head{};
    head.flags = UDMABUF_FLAGS_CLOEXEC;
    head.count = static_cast<__u32>(ranges.size());
    std::memcpy(request.data(), &head, items_at);
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const udmabuf_create_item item{.memfd = static_cast<__u32>(ranges[i].fd),
                                       .__pad = 0,
                                       .offset = ranges[i].offset,
                                       .size = ranges[i].size};
        std::memcpy(request.data() + items_at + i * sizeof(item), &item, sizeof(item));
        size += item.size;
    }
    UniqueFd dmabuf(::ioctl(device_.get(), UDMABUF_CREATE_LIST, request.data()));
    if (!dmabuf) {
        return descriptor_error(errno,
                                "UDMABUF_CREATE_LIST of " + std::to_string(size) +
                                    " bytes (parameters size_limit_mb and list_limit of the module udmabuf)");
    }
    make_sync_unconditional(dmabuf.get());
    return DmabufMemory::adopt(ExporterKind::kUdmabuf, std::move(dmabuf));
}

}  // namespace ion
