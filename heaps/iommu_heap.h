// SPDX-License-Identifier: Apache-2.0
//
// IommuHeap: scattered pages that devices see in one piece, as msm-3.4's IOMMU heap.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "heaps/exporter_chain.h"
#include "heaps/heap_type.h"
#include "heaps/iova_spaces.h"

namespace ion {

/// Memory without physical addresses. Any power of two is accepted as alignment, and means nothing. A request for
/// more than half of the machine's memory is ENOMEM.
class IommuHeap final : public Heap {
  public:
    /// `spaces`: nothing when there is no IOMMU; then there is no memory (ENOMEM) and no mapping (ENODEV).
    /// `total_ram` in bytes.
    IommuHeap(ExporterChain exporters, std::optional<IovaSpaces> spaces, std::uint64_t total_ram)
        : exporters_(std::move(exporters)), spaces_(std::move(spaces)), total_ram_(total_ram) {}

    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override;
    [[nodiscard]] Result<std::unique_ptr<Backing>> restore(RestoreRequest request) override;
    [[nodiscard]] HeapUsage usage() const override;
    [[nodiscard]] bool has_addresses() const override { return false; }

    /// Errors: ENODEV without an IOMMU; EEXIST when the buffer is mapped there already; else as IovaSpaces::take().
    [[nodiscard]] Result<std::uint64_t> map_iommu(const Backing& buffer,
                                                  const IommuMapping& mapping) override;
    void unmap_iommu(const Backing& buffer, const IommuMapping& mapping) override;

    /// Nothing: its driver had no lines of its own.
    [[nodiscard]] std::string print_debug(DebugLayout /*layout*/) const override { return {}; }

  private:
    class Allocation;
    using MappingKey = std::tuple<const Backing*, std::uint32_t, std::uint32_t>;  // and domain, partition

    void forget(const Allocation& buffer);

    ExporterChain exporters_;
    std::optional<IovaSpaces> spaces_;
    std::map<MappingKey, PlacedRange> mappings_;
    std::uint64_t total_ram_;
    std::uint64_t allocated_ = 0;
};

inline constexpr std::array kIommuOptions{
    OptionSpec{.name = "iommu",
               .kind = OptionKind::kBoolean,
               .initial = true,
               .help = "the machine has one; without it the heap has no memory"},
    OptionSpec{.name = "domains",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{4},
               .minimum = 1,
               .maximum = 64,
               .help = "number of device address spaces"},
    OptionSpec{.name = "partitions",
               .kind = OptionKind::kInteger,
               .initial = std::uint64_t{4},
               .minimum = 1,
               .maximum = 64,
               .help = "number of parts of each"},
    OptionSpec{.name = "partition_base",
               .kind = OptionKind::kSize,
               .initial = std::uint64_t{128} << 10,
               .minimum = 4096,
               .help = "device address at which the first part begins"},
    OptionSpec{.name = "partition_size",
               .kind = OptionKind::kSize,
               .initial = std::uint64_t{512} << 20,
               .minimum = 4096,
               .help = "device addresses in each part"},
};

/// Of kIommuOptions. Errors: EINVAL for partitions that are not of whole pages or whose addresses wrap; else as
/// open_exporters().
[[nodiscard]] Result<std::unique_ptr<Heap>> make_iommu_heap(HeapParameters parameters);

}  // namespace ion
