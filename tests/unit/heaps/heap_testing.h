// SPDX-License-Identifier: Apache-2.0
//
// What the tests of heaps share: exporters that obey the test, and a descriptor table that is full.

#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "heaps/exporter.h"
#include "heaps/exporter_chain.h"
#include "heaps/memfd.h"

namespace ion {

/// What a test decides about its FakeExporters and what they were asked.
struct FakeExporterScript {
    int failure = 0;  ///< not 0: everything fails with this errno
    int times = -1;   ///< how often it does, then it is 0 again; -1: always
    bool carves = false;
    std::vector<std::uint64_t> created;  ///< sizes
    std::vector<ArenaRange> carved;
};

/// Makes memfds whatever it claims to be; the script outlives it.
class FakeExporter final : public Exporter {
  public:
    FakeExporter(ExporterKind kind, FakeExporterScript& script) : kind_(kind), script_(script) {}

    [[nodiscard]] ExporterKind kind() const override { return kind_; }
    [[nodiscard]] bool carves() const override { return script_.carves; }
    [[nodiscard]] Result<std::unique_ptr<Memory>> create(std::uint64_t size_bytes) override {
        script_.created.push_back(size_bytes);
        return make(size_bytes);
    }
    [[nodiscard]] Result<std::unique_ptr<Memory>> carve(std::span<const ArenaRange> ranges) override {
        std::uint64_t size = 0;
        for (const ArenaRange& range : ranges) {
            script_.carved.push_back(range);
            size += range.size;
        }
        return make(size);
    }

  private:
    Result<std::unique_ptr<Memory>> make(std::uint64_t size_bytes) const {
        if (script_.failure != 0) {
            const int code = script_.failure;
            script_.failure = --script_.times == 0 ? 0 : code;
            return fail(code, std::string("fake ") + exporter_name(kind_));
        }
        return MemfdMemory::create(size_bytes);
    }

    ExporterKind kind_;
    FakeExporterScript& script_;
};

inline ExporterChain chain_of(FakeExporterScript& script) {
    std::vector<std::unique_ptr<Exporter>> exporters;
    exporters.push_back(std::make_unique<FakeExporter>(ExporterKind::kUdmabuf, script));
    return ExporterChain(std::move(exporters));
}

/// Leaves room for `spare` more descriptors while it lives.
class FullDescriptorTable {
  public:
    explicit FullDescriptorTable(unsigned spare) {
        const UniqueFd lowest(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
        const rlimit limit{.rlim_cur = static_cast<rlim_t>(lowest.get()) + spare,
                           .rlim_max = before_.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    FullDescriptorTable(const FullDescriptorTable&) = delete;
    FullDescriptorTable& operator=(const FullDescriptorTable&) = delete;
    ~FullDescriptorTable() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

}  // namespace ion
