// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/device_client.h"

#include <utility>

#include "daemon/base/checked_math.h"

namespace ion {

namespace {

constexpr std::uint32_t kTypeBits = 32;

}  // namespace

DeviceClient::~DeviceClient() {
    while (!mappings_.empty()) {
        unmap_all(mappings_.begin()->first);
    }
    Transaction tx;
    (void)device_.close_client(tx, id_);
    (void)device_.commit(std::move(tx));  // with the journal full the next worker closes it
}

Result<DriverHandle> DeviceClient::alloc(std::uint64_t length, std::uint64_t align, std::uint32_t heap_mask,
                                         std::uint32_t flags) {
    AllocationRequest wanted{.length = length,
                             .align = align,
                             .heap_mask = heap_mask,
                             .flags = flags,
                             .order = generation_a_ ? HeapOrder::kAscending : HeapOrder::kDescending};
    if (generation_a_) {
        read_secure_bit(wanted);
    }
    wanted.heap_mask &= allowed_heaps();
    Transaction tx;
    const auto buffer = device_.allocate(tx, id_, wanted);
    if (!buffer) {
        return buffer.error();
    }
    auto handle = device_.add_handle(tx, id_, *buffer);
    return handle ? committed(std::move(tx), *handle) : handle.error();
}

Result<void> DeviceClient::free(DriverHandle handle) {
    const auto buffer = device_.lookup(id_, handle);
    Transaction tx;
    auto freed = device_.free(tx, id_, handle);
    auto durable = freed ? device_.commit(std::move(tx)) : freed;
    if (durable && !device_.lookup(id_, handle)) {
        unmap_all(*buffer);
    }
    return durable;
}

Result<PlacedRange> DeviceClient::phys(DriverHandle handle) {
    const auto buffer = device_.lookup(id_, handle);
    const auto address = buffer ? device_.phys(*buffer) : Result<std::uint64_t>(buffer.error());
    return address ? Result<PlacedRange>(PlacedRange{*address, made(*buffer).size}) : address.error();
}

Result<std::span<std::byte>> DeviceClient::map_kernel(DriverHandle handle) {
    const auto buffer = device_.lookup(id_, handle);
    if (!buffer) {
        return buffer.error();
    }
    auto bytes = device_.map_kernel(*buffer);
    if (bytes) {
        ++mappings_[*buffer].kernel;
    }
    return bytes;
}

Result<void> DeviceClient::unmap_kernel(DriverHandle handle) {
    const auto buffer = device_.lookup(id_, handle);
    const auto known = buffer ? mappings_.find(*buffer) : mappings_.end();
    if (known == mappings_.end() || known->second.kernel == 0) {
        return fail(EINVAL, "not mapped by this handle");
    }
    --known->second.kernel;
    device_.unmap_kernel(*buffer);
    return {};
}

Result<std::vector<PlacedRange>> DeviceClient::sg_table(DriverHandle handle) {
    const auto buffer = device_.lookup(id_, handle);
    return buffer ? device_.sg_table(*buffer) : Result<std::vector<PlacedRange>>(buffer.error());
}

Result<UniqueFd> DeviceClient::share(DriverHandle handle) {
    const auto buffer = device_.lookup(id_, handle);
    if (!buffer) {
        return buffer.error();
    }
    Transaction tx;
    tx.records.emplace_back(BufferExported{*buffer});
    if (auto durable = device_.commit(std::move(tx)); !durable) {
        return durable.error();
    }
    return device_.open_export(*buffer);
}

Result<DriverHandle> DeviceClient::import(int fd) {
    const auto file = file_id_of(fd);
    return file ? import_file(*file) : fail(EBADF, "no such descriptor");
}

Result<DriverHandle> DeviceClient::import_from(std::uint64_t client, DriverHandle handle) {
    const auto buffer = device_.lookup(ClientId{client}, handle);
    return buffer ? import_file(made(*buffer).file) : buffer.error();
}

Result<std::uint32_t> DeviceClient::flags(DriverHandle handle) {
    const auto buffer = device_.lookup(id_, handle);
    return buffer ? Result<std::uint32_t>(made(*buffer).flags) : buffer.error();
}

Result<std::uint64_t> DeviceClient::size(DriverHandle handle) {
    const auto buffer = device_.lookup(id_, handle);
    return buffer ? Result<std::uint64_t>(made(*buffer).size) : buffer.error();
}

Result<DeviceRange> DeviceClient::map_iommu(DriverHandle handle, const IommuMapping& mapping,
                                            std::uint32_t iommu_flags) {
    const auto buffer = device_.lookup(id_, handle);
    if (!buffer) {
        return buffer.error();
    }
    const std::uint64_t size = made(*buffer).size;
    IommuMapping exact = mapping;
    exact.length = mapping.length == 0 ? size : mapping.length;
    if ((iommu_flags & kFlagCached) != 0 || exact.length < size || exact.length % kPageSize != 0) {
        return fail(EINVAL, "cached, or a length that is not one for this buffer");
    }
    const auto address = device_.map_iommu(*buffer, exact, iommu_flags);
    if (!address) {
        return address.error();
    }
    ++mappings_[*buffer].spaces[{mapping.domain, mapping.partition}];
    return DeviceRange{*address, size};
}

Result<void> DeviceClient::unmap_iommu(DriverHandle handle, std::uint32_t domain, std::uint32_t partition) {
    const auto buffer = device_.lookup(id_, handle);
    const auto known = buffer ? mappings_.find(*buffer) : mappings_.end();
    const IommuSpace space{domain, partition};
    if (known == mappings_.end() || known->second.spaces[space] == 0) {
        return fail(EINVAL, "not mapped there by this handle");
    }
    --known->second.spaces[space];
    device_.unmap_iommu(*buffer, space);
    return {};
}

const BufferCreated& DeviceClient::made(BufferId buffer) const {
    return device_.state().buffer(buffer)->made;
}

std::uint32_t DeviceClient::allowed_heaps() const {
    std::uint32_t heaps = 0;
    for (const RegisteredHeap& heap : device_.heaps().all()) {
        const bool for_it = heap.type < kTypeBits && (type_mask_ >> heap.type & 1U) != 0;
        heaps |= for_it ? 1U << heap.id.value : 0U;
    }
    return heaps;
}

Result<DriverHandle> DeviceClient::import_file(FileId file) {
    Transaction tx;
    const auto handle = device_.import(tx, id_, file);
    return handle ? committed(std::move(tx), *handle) : handle.error();
}

Result<DriverHandle> DeviceClient::committed(Transaction tx, HandleId handle) {
    auto durable = device_.commit(std::move(tx));
    return durable ? Result<DriverHandle>(handle.value) : durable.error();
}

void DeviceClient::unmap_all(BufferId buffer) {
    const auto known = mappings_.find(buffer);
    if (known == mappings_.end()) {
        return;
    }
    const Mappings mappings = std::move(known->second);
    mappings_.erase(known);
    for (std::uint32_t count = mappings.kernel; count != 0; --count) {
        device_.unmap_kernel(buffer);
    }
    for (const auto& [space, times] : mappings.spaces) {
        for (std::uint32_t count = times; count != 0; --count) {
            device_.unmap_iommu(buffer, space);
        }
    }
}

}  // namespace ion
