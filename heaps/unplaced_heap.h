// SPDX-License-Identifier: Apache-2.0
//
// UnplacedHeap: memory without addresses, each buffer straight from the exporters.

#pragma once

#include <cstdint>
#include <memory>

#include "daemon/base/result.h"
#include "heaps/exporter_chain.h"
#include "heaps/heap.h"

namespace ion {

/// As every kernel heap of this kind, an alignment above a page is EINVAL and a request for more than half of the
/// machine's memory ENOMEM. Heaps that do more derive from it.
class UnplacedHeap : public Heap {
  public:
    /// `total_ram` in bytes.
    UnplacedHeap(ExporterChain exporters, std::uint64_t total_ram)
        : exporters_(std::move(exporters)), total_ram_(total_ram) {}

    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) final;
    [[nodiscard]] Result<std::unique_ptr<Backing>> restore(RestoreRequest request) final;
    [[nodiscard]] HeapUsage usage() const override;
    [[nodiscard]] bool has_addresses() const final { return false; }

  protected:
    /// Refuses alignments that cannot be; the size is one that can. Errors: EINVAL.
    [[nodiscard]] virtual Result<void> check_alignment(const HeapRequest& request) const;

    /// Zeroed memory for a checked request. Errors: the exporters'.
    [[nodiscard]] virtual Result<std::unique_ptr<Memory>> make_memory(const HeapRequest& request);

    /// Takes the memory of a buffer that is gone. Default: lets it go.
    virtual void give_back(std::unique_ptr<Memory> memory, const HeapRequest& request);

  private:
    class Allocation;

    ExporterChain exporters_;
    std::uint64_t total_ram_;
    std::uint64_t allocated_ = 0;
};

}  // namespace ion
