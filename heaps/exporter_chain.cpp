// SPDX-License-Identifier: Apache-2.0

#include "heaps/exporter_chain.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "heaps/descriptors.h"

namespace ion {

ExporterChain::ExporterChain(std::vector<std::unique_ptr<Exporter>> exporters)
    : exporters_(std::move(exporters)) {
    assert(!exporters_.empty());
    for (const auto& exporter : exporters_) {
        figures_.push_back({.kind = exporter->kind(), .created = 0, .failed = 0});
    }
}

template <typename Make>
Result<std::unique_ptr<Memory>> ExporterChain::first_success(const Make& make) {
    Error last;
    for (std::size_t i = 0; i < exporters_.size(); ++i) {
        auto memory = make(*exporters_[i]);
        if (!memory) {
            ++figures_[i].failed;
            last = memory.error();
            continue;
        }
        ++figures_[i].created;
        if (auto spare = require_spare_descriptor(); !spare) {
            return spare.error();
        }
        return memory;
    }
    return last;
}

Result<std::unique_ptr<Memory>> ExporterChain::create(std::uint64_t size_bytes) {
    return first_success([&](Exporter& exporter) { return exporter.create(size_bytes); });
}

Result<std::unique_ptr<Memory>> ExporterChain::create_in(std::span<const ArenaRange> ranges) {
    std::uint64_t size = 0;
    for (const ArenaRange& range : ranges) {
        size += range.size;
    }
    return first_success([&](Exporter& exporter) {
        return exporter.carves() ? exporter.carve(ranges) : exporter.create(size);
    });
}

bool ExporterChain::carves() const {
    return std::any_of(exporters_.begin(), exporters_.end(),
                       [](const auto& exporter) { return exporter->carves(); });
}

Result<OpenedExporters> make_exporters(std::span<const ExporterKind> kinds) {
    std::vector<std::unique_ptr<Exporter>> exporters;
    std::vector<std::string> skipped;
    for (const ExporterKind kind : kinds) {
        auto exporter = open_exporter(kind);
        if (exporter) {
            exporters.push_back(*std::move(exporter));
        } else {
            skipped.push_back(std::string(exporter_name(kind)) + ": " + exporter.error().context);
        }
    }
    if (exporters.empty()) {
        std::string reasons = "none of the exporters can be used";
        for (const std::string& reason : skipped) {
            reasons += "; " + reason;
        }
        return fail(ENODEV, std::move(reasons));
    }
    return OpenedExporters{ExporterChain(std::move(exporters)), std::move(skipped)};
}

}  // namespace ion
