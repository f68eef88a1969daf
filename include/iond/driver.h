// SPDX-License-Identifier: Apache-2.0
//
// <iond/driver.h>: the interface for drivers, plug-ins that are clients of the heaps from within iond, as a
// kernel's drivers are from within the kernel. docs/drivers.md has the rules.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/base/unique_fd.h"
#include "heaps/heap.h"

namespace ion {

/// Rises with every change of what is below, or of Heap's types in it.
inline constexpr std::uint32_t kDriverInterfaceVersion = 1;

/// A client's number for a buffer, from 1; another client's number means nothing.
using DriverHandle = std::uint32_t;

/// Where a buffer lies in a device's address space, in bytes.
struct DeviceRange {
    std::uint64_t address = 0;
    std::uint64_t size = 0;  ///< of the buffer
};

/// One client of the heaps. Destroying it frees its handles, whatever their counts. The loop thread only.
///
/// Every function that takes a handle answers EINVAL for one that is not this client's.
class KernelClient {
  public:
    KernelClient() = default;
    KernelClient(const KernelClient&) = delete;
    KernelClient& operator=(const KernelClient&) = delete;
    virtual ~KernelClient() = default;

    /// `heap_mask`: bits of heap ids. Errors: as the ALLOC command; ENODEV also when no heap of the mask is of a
    /// type that the client is for.
    [[nodiscard]] virtual Result<DriverHandle> alloc(std::uint64_t length, std::uint64_t align,
                                                     std::uint32_t heap_mask, std::uint32_t flags) = 0;

    /// Drops one reference; with the last one the handle and its mappings go.
    virtual Result<void> free(DriverHandle handle) = 0;

    /// Errors: ENODEV when the buffer has no single physical address.
    [[nodiscard]] virtual Result<PlacedRange> phys(DriverHandle handle) = 0;

    /// The buffer's bytes in this process, until as many unmap_kernel(). A buffer is mapped once, however many
    /// handles of however many clients map it. Errors: what the heap says: a CP heap refuses while protected.
    [[nodiscard]] virtual Result<std::span<std::byte>> map_kernel(DriverHandle handle) = 0;
    /// Errors: EINVAL when the handle does not map it.
    virtual Result<void> unmap_kernel(DriverHandle handle) = 0;

    /// The scatter list that a device would be given: ranges in the order of the buffer's bytes; base 0 where the
    /// memory has no addresses. The same for the life of the buffer.
    [[nodiscard]] virtual Result<std::vector<PlacedRange>> sg_table(DriverHandle handle) = 0;

    /// A descriptor of the buffer. As long as it or a mapping of it exists, the buffer does.
    [[nodiscard]] virtual Result<UniqueFd> share(DriverHandle handle) = 0;

    /// A handle for the buffer behind a descriptor of this process, or one reference more. Errors: EBADF, EINVAL.
    [[nodiscard]] virtual Result<DriverHandle> import(int fd) = 0;

    /// A handle for the buffer that another client's number means, as it comes with CUSTOM. Errors: EINVAL.
    [[nodiscard]] virtual Result<DriverHandle> import_from(std::uint64_t client, DriverHandle handle) = 0;

    [[nodiscard]] virtual Result<std::uint32_t> flags(DriverHandle handle) = 0;
    [[nodiscard]] virtual Result<std::uint64_t> size(DriverHandle handle) = 0;

    /// Maps into a device's address space until as many unmap_iommu(): once for a buffer and space. `iommu_flags`: bit 0 (cached) is
    /// refused. Errors: EINVAL for that, for a length below the buffer's size or not of whole pages, for other
    /// flags or another length than the mapping that exists; ENODEV when the heap has no such mapping; ENOMEM.
    [[nodiscard]] virtual Result<DeviceRange> map_iommu(DriverHandle handle, const IommuMapping& mapping,
                                                        std::uint32_t iommu_flags) = 0;
    /// Errors: EINVAL when the handle does not map it there.
    virtual Result<void> unmap_iommu(DriverHandle handle, std::uint32_t domain, std::uint32_t partition) = 0;
};

/// What iond offers to drivers; outlives them.
class DriverHost {
  public:
    DriverHost() = default;
    DriverHost(const DriverHost&) = delete;
    DriverHost& operator=(const DriverHost&) = delete;
    virtual ~DriverHost() = default;

    /// `name`: one word of printable ASCII that begins with no dot and has no '/'; cut at 63 bytes; in the usage files
    /// it is "<name>-<n>". `type_mask`: bits of heap type numbers, as in generation A. Errors: EINVAL for a bad name;
    /// ENOMEM.
    [[nodiscard]] virtual Result<std::unique_ptr<KernelClient>> client_create(
        std::string_view name, std::uint32_t type_mask = ~0U) = 0;

    /// Protects the heaps of the mask that can be protected. No such heap is a success. Counted for each heap; the
    /// counts outlive the worker, so that content stays protected when a worker is killed. Errors: the heap's; ENOMEM.
    virtual Result<void> secure_heap(std::uint32_t heap_mask) = 0;
    virtual Result<void> unsecure_heap(std::uint32_t heap_mask) = 0;

    /// The count of one heap. A driver that protects a heap when it starts asks whether a former worker's had done so.
    [[nodiscard]] virtual std::uint32_t protections(std::uint32_t heap_id) const = 0;
};

/// One CUSTOM command of a driver: the inner number, and what its argument points to.
struct DriverCommand {
    std::uint32_t number = 0;
    std::uint32_t argument_size = 0;  ///< bytes, 0 to kMaxArgument, read from the caller before the call
    bool writes_back = false;         ///< written to the caller after a call without error
    static constexpr std::uint32_t kMaxArgument = 4096;
};

/// A driver while it is loaded. The loop thread only; nothing may block.
class Driver {
  public:
    Driver() = default;
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    virtual ~Driver() = default;

    /// Constant.
    [[nodiscard]] virtual std::span<const DriverCommand> commands() const { return {}; }

    /// Serves one of commands() for `client`. `argument`: the bytes that the caller's pointer led to; a copy. A
    /// call may be made twice when a worker dies between its effect and its answer. The error's code is the
    /// caller's errno.
    virtual Result<void> custom(std::uint64_t client, std::uint32_t number,
                                std::span<std::byte> argument) = 0;
};

/// What a driver says of itself.
struct DriverPlugin {
    std::uint32_t interface_version = kDriverInterfaceVersion;  ///< first, in every version
    std::uint32_t plugin_size = sizeof(DriverPlugin);
    const char* name = nullptr;
    const char* version = nullptr;
    const char* compiler = __VERSION__;
    /// Starts the driver; destroying what it returns ends it.
    Result<std::unique_ptr<Driver>> (*start)(DriverHost& host) = nullptr;
};

inline constexpr const char* kDriverEntry = "iond_driver";

}  // namespace ion

/// Defines the entry point.
#define IOND_DRIVER(driver_name, driver_version, start_function)                                 \
    extern "C" __attribute__((visibility("default"))) const ::ion::DriverPlugin* iond_driver() { \
        static const ::ion::DriverPlugin plugin{                                                 \
            .name = (driver_name), .version = (driver_version), .start = (start_function)};      \
        return &plugin;                                                                          \
    }                                                                                            \
    static_assert(true)
