// SPDX-License-Identifier: Apache-2.0
//
// DeviceClient: a driver's client, over the Device.

#pragma once

#include <map>

#include "daemon/core/device.h"
#include "include/iond/driver.h"

namespace ion {

/// Its end unmaps what it has mapped and closes the client.
class DeviceClient final : public KernelClient {
  public:
    /// `id`: an open client that is nobody else's. For the rest see KernelClients.
    DeviceClient(Device& device, ClientId id, std::uint32_t type_mask, bool generation_a)
        : device_(device), id_(id), type_mask_(type_mask), generation_a_(generation_a) {}
    ~DeviceClient() override;

    Result<DriverHandle> alloc(std::uint64_t length, std::uint64_t align, std::uint32_t heap_mask,
                               std::uint32_t flags) override;
    Result<void> free(DriverHandle handle) override;
    Result<PlacedRange> phys(DriverHandle handle) override;
    Result<std::span<std::byte>> map_kernel(DriverHandle handle) override;
    Result<void> unmap_kernel(DriverHandle handle) override;
    Result<std::vector<PlacedRange>> sg_table(DriverHandle handle) override;
    Result<UniqueFd> share(DriverHandle handle) override;
    Result<DriverHandle> import(int fd) override;
    Result<DriverHandle> import_from(std::uint64_t client, DriverHandle handle) override;
    Result<std::uint32_t> flags(DriverHandle handle) override;
    Result<std::uint64_t> size(DriverHandle handle) override;
    Result<DeviceRange> map_iommu(DriverHandle handle, const IommuMapping& mapping,
                                  std::uint32_t iommu_flags) override;
    Result<void> unmap_iommu(DriverHandle handle, std::uint32_t domain, std::uint32_t partition) override;

  private:
    /// How often this client has mapped a buffer.
    struct Mappings {
        std::uint32_t kernel = 0;
        std::map<IommuSpace, std::uint32_t> spaces{};
    };

    [[nodiscard]] const BufferCreated& made(BufferId buffer) const;
    [[nodiscard]] std::uint32_t allowed_heaps() const;
    Result<DriverHandle> import_file(FileId file);
    Result<DriverHandle> committed(Transaction tx, HandleId handle);
    void unmap_all(BufferId buffer);

    Device& device_;
    ClientId id_;
    std::uint32_t type_mask_;
    bool generation_a_;
    std::map<BufferId, Mappings> mappings_;
};

}  // namespace ion
