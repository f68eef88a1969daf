// SPDX-License-Identifier: Apache-2.0

#include "heaps/pass_through_heap.h"

#include <string>
#include <utility>
#include <vector>

#include "heaps/exporter_chain.h"
#include "heaps/kernel_dma_heap.h"
#include "heaps/unplaced_heap.h"

namespace ion {

Result<std::unique_ptr<Heap>> make_pass_through_heap(HeapParameters parameters) {
    const std::string& device = parameters.options.text("device");
    if (device.empty() || device.starts_with('.') || device.find('/') != std::string::npos) {
        return fail(EINVAL, "device \"" + device + "\" is no name of a file in /dev/dma_heap");
    }
    auto exporter = KernelDmaHeapExporter::open(("/dev/dma_heap/" + device).c_str());
    if (!exporter) {
        return exporter.error();
    }
    std::vector<std::unique_ptr<Exporter>> exporters;
    exporters.push_back(*std::move(exporter));
    return std::unique_ptr<Heap>(
        std::make_unique<UnplacedHeap>(ExporterChain(std::move(exporters)), parameters.total_ram));
}

}  // namespace ion
