// SPDX-License-Identifier: Apache-2.0

#include "heaps/udmabuf.h"

#include <linux/udmabuf.h>
#include <sys/ioctl.h>

#include <string>

#include "heaps/descriptors.h"
#include "heaps/dmabuf.h"
#include "heaps/memfd.h"

namespace ion {

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
    return carve({.fd = memfd->get(), .offset = 0, .size = size_bytes});
}

Result<std::unique_ptr<Memory>> UdmabufExporter::carve(const ArenaRange& range) {
    udmabuf_create request{};
    request.memfd = static_cast<__u32>(range.fd);
    request.flags = UDMABUF_FLAGS_CLOEXEC;
    request.offset = range.offset;
    request.size = range.size;
    UniqueFd dmabuf(::ioctl(device_.get(), UDMABUF_CREATE, &request));
    if (!dmabuf) {
        return descriptor_error(errno, "UDMABUF_CREATE of " + std::to_string(range.size) +
                                           " bytes (parameter size_limit_mb of the module udmabuf)");
    }
    return DmabufMemory::adopt(ExporterKind::kUdmabuf, std::move(dmabuf));
}

}  // namespace ion
