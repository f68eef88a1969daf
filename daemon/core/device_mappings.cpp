// SPDX-License-Identifier: Apache-2.0
//
// Device: buffers in this process's memory and in devices' address spaces, for drivers. These mappings end with the
// worker, so no record tells of them.

#include "daemon/core/device.h"

namespace ion {

Result<std::uint64_t> Device::phys(BufferId buffer) const {
    const auto found = live_.find(buffer);
    return found == live_.end() ? fail(EINVAL, "no such buffer")
                                : found->second.heap->phys(*found->second.backing);
}

Result<std::vector<PlacedRange>> Device::sg_table(BufferId buffer) {
    const auto found = live_.find(buffer);
    if (found == live_.end()) {
        return fail(EINVAL, "no such buffer");
    }
    Live& live = found->second;
    if (!live.scatter_list) {
        auto ranges = live.heap->map_dma(*live.backing);
        if (!ranges) {
            return ranges.error();
        }
        live.scatter_list = *std::move(ranges);
    }
    return *live.scatter_list;
}

Result<std::span<std::byte>> Device::map_kernel(BufferId buffer) {
    const auto found = live_.find(buffer);
    if (found == live_.end()) {
        return fail(EINVAL, "no such buffer");
    }
    Live& live = found->second;
    if (live.kernel_maps == 0) {
        auto bytes = live.heap->map_kernel(*live.backing);
        if (!bytes) {
            return bytes.error();
        }
        live.kernel_bytes = *bytes;
    }
    ++live.kernel_maps;
    return live.kernel_bytes;
}

void Device::unmap_kernel(BufferId buffer) {
    Live& live = live_.at(buffer);
    if (--live.kernel_maps == 0) {
        live.heap->unmap_kernel(*live.backing, live.kernel_bytes);
    }
}

Result<std::uint64_t> Device::map_iommu(BufferId buffer, const IommuMapping& mapping, std::uint32_t flags) {
    const auto found = live_.find(buffer);
    if (found == live_.end()) {
        return fail(EINVAL, "no such buffer");
    }
    Live& live = found->second;
    const IommuSpace space{mapping.domain, mapping.partition};
    if (const auto known = live.spaces.find(space); known != live.spaces.end()) {
        if (known->second.flags != flags || known->second.mapping.length != mapping.length) {
            return fail(EINVAL, "mapped there already with other flags or another length");
        }
        ++known->second.count;
        return known->second.address;
    }
    const auto address = live.heap->map_iommu(*live.backing, mapping);
    if (address) {
        live.spaces.emplace(space, DeviceMapping{mapping, flags, *address, 1});
    }
    return address;
}

void Device::unmap_iommu(BufferId buffer, IommuSpace space) {
    Live& live = live_.at(buffer);
    const auto known = live.spaces.find(space);
    if (--known->second.count == 0) {
        live.heap->unmap_iommu(*live.backing, known->second.mapping);
        live.spaces.erase(known);
    }
}

bool Device::mapped_by_driver(BufferId buffer) const {
    const auto found = live_.find(buffer);
    return found != live_.end() && (found->second.kernel_maps != 0 || !found->second.spaces.empty());
}

}  // namespace ion
