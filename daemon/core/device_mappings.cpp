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

Device::Live* Device::find_live(BufferId buffer) {
    const auto found = live_.find(buffer);
    return found == live_.end() ? nullptr : &found->second;
}

Device::DriverUse& Device::use_of(Live& live) {
    if (!live.drivers) {
        live.drivers = std::make_unique<DriverUse>();
    }
    return *live.drivers;
}

Result<std::vector<PlacedRange>> Device::sg_table(BufferId buffer) {
    Live* live = find_live(buffer);
    if (live == nullptr) {
        return fail(EINVAL, "no such buffer");
    }
    DriverUse& use = use_of(*live);
    if (!use.scatter_list) {
        auto ranges = live->heap->map_dma(*live->backing);
        if (!ranges) {
            return ranges.error();
        }
        use.scatter_list = *std::move(ranges);
    }
    return *use.scatter_list;
}

Result<std::span<std::byte>> Device::map_kernel(BufferId buffer) {
    Live* live = find_live(buffer);
    if (live == nullptr) {
        return fail(EINVAL, "no such buffer");
    }
    DriverUse& use = use_of(*live);
    if (use.kernel_maps == 0) {
        auto bytes = live->heap->map_kernel(*live->backing);
        if (!bytes) {
            return bytes.error();
        }
        use.kernel_bytes = *bytes;
    }
    ++use.kernel_maps;
    return use.kernel_bytes;
}

void Device::unmap_kernel(BufferId buffer) {
    Live& live = live_.at(buffer);
    DriverUse& use = *live.drivers;
    if (--use.kernel_maps == 0) {
        live.heap->unmap_kernel(*live.backing, use.kernel_bytes);
    }
}

Result<std::uint64_t> Device::map_iommu(BufferId buffer, const IommuMapping& mapping, std::uint32_t flags) {
    Live* live = find_live(buffer);
    if (live == nullptr) {
        return fail(EINVAL, "no such buffer");
    }
    auto& spaces = use_of(*live).spaces;
    const IommuSpace space{mapping.domain, mapping.partition};
    if (const auto known = spaces.find(space); known != spaces.end()) {
        if (known->second.flags != flags || known->second.mapping.length != mapping.length) {
            return fail(EINVAL, "mapped there already with other flags or another length");
        }
        ++known->second.count;
        return known->second.address;
    }
    const auto address = live->heap->map_iommu(*live->backing, mapping);
    if (address) {
        spaces.emplace(space, DeviceMapping{mapping, flags, *address, 1});
    }
    return address;
}

void Device::unmap_iommu(BufferId buffer, IommuSpace space) {
    Live& live = live_.at(buffer);
    const auto known = live.drivers->spaces.find(space);
    if (--known->second.count == 0) {
        live.heap->unmap_iommu(*live.backing, known->second.mapping);
        live.drivers->spaces.erase(known);
    }
}

bool Device::mapped_by_driver(BufferId buffer) const {
    const auto found = live_.find(buffer);
    return found != live_.end() && found->second.drivers &&
           (found->second.drivers->kernel_maps != 0 || !found->second.drivers->spaces.empty());
}

}  // namespace ion
