// SPDX-License-Identifier: Apache-2.0
//
// ExporterChain: the exporters of one heap, tried in the configured order.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "heaps/exporter.h"
#include "heaps/memory.h"

namespace ion {

/// What one exporter of a chain did so far.
struct ExporterFigures {
    ExporterKind kind = ExporterKind::kMemfd;
    std::uint64_t created = 0;
    std::uint64_t failed = 0;
};

/// The loop thread only.
class ExporterChain {
  public:
    /// At least one exporter, in the order to try.
    explicit ExporterChain(std::vector<std::unique_ptr<Exporter>> exporters);

    /// Memory of `size_bytes` from the first exporter that makes it.
    ///
    /// Errors: the last exporter's; ENOMEM when it would take the daemon's last free descriptor.
    [[nodiscard]] Result<std::unique_ptr<Memory>> create(std::uint64_t size_bytes);

    /// As create(), but an exporter that can carve makes memory of these ranges. The others make memory of their
    /// size together.
    [[nodiscard]] Result<std::unique_ptr<Memory>> create_in(std::span<const ArenaRange> ranges);

    /// True when an arena is of use to at least one exporter.
    [[nodiscard]] bool carves() const;

    /// In the order to try.
    [[nodiscard]] std::span<const ExporterFigures> figures() const { return figures_; }

  private:
    template <typename Make>
    Result<std::unique_ptr<Memory>> first_success(const Make& make);

    std::vector<std::unique_ptr<Exporter>> exporters_;
    std::vector<ExporterFigures> figures_;
};

/// Outcome of make_exporters().
struct OpenedExporters {
    ExporterChain chain;
    std::vector<std::string> skipped;  ///< "NAME: reason and remedy" of each that cannot be had here
};

/// Opens those of `kinds` that this machine has, in that order.
///
/// Errors: ENODEV when it has none of them; `context` gives every reason.
[[nodiscard]] Result<OpenedExporters> make_exporters(std::span<const ExporterKind> kinds);

}  // namespace ion
