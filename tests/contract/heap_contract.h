// SPDX-License-Identifier: Apache-2.0
//
// What every heap promises its core (heaps/heap.h, heaps/memory.h), for each heap type with each exporter: what
// the tests in this folder share.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/base/checked_math.h"
#include "daemon/base/unique_fd.h"
#include "heaps/heap.h"

namespace ion {

inline constexpr std::uint64_t kRegionBase = 0x2d301000;  // odd page
inline constexpr std::uint64_t kRegionSize = 64 * kPageSize;
inline constexpr std::uint64_t kTotalRam = 2 * kRegionSize;  // so that system heaps have the same limit

struct ContractCase {
    std::string type;
    ExporterKind exporter;
};

void PrintTo(const ContractCase& c, std::ostream* out);
void PrintTo(ExporterKind kind, std::ostream* out);

/// Each of these types with every exporter.
std::vector<ContractCase> cases_of(const std::vector<std::string>& types);

/// All types of the catalog and of the example plug-ins, with the initial values of their options.
std::vector<std::string> all_types();

/// Those of them that lie in a region of addresses.
std::vector<std::string> region_types();

std::string case_name(const ::testing::TestParamInfo<ContractCase>& test);

/// Bytes that a buffer counts for in its heap's usage: of its placement, which may be rounded up.
std::uint64_t taken_by(const Backing& backing);

/// The memory of a client: a mapping of an exported descriptor.
class Mapping {
  public:
    Mapping(int fd, std::uint64_t size);
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping();

    /// Empty when it could not be mapped, which has failed the test.
    [[nodiscard]] std::span<unsigned char> bytes() const { return bytes_; }
    void fill(unsigned char value) const;
    [[nodiscard]] bool is_all(unsigned char value) const;

  private:
    std::span<unsigned char> bytes_;
};

/// Has one heap of the case's type and exporter in `heap_`; skips where the exporter cannot be had.
class HeapContract : public ::testing::TestWithParam<ContractCase> {
  protected:
    void SetUp() override;

    /// `arena`: as HeapParameters::arena.
    static std::unique_ptr<Heap> make_heap(UniqueFd arena);

    /// These fail the test when there is no result.
    std::unique_ptr<Backing> allocate(std::uint64_t pages);
    static UniqueFd export_of(const Backing& backing);

    /// The errno of an allocation, given back at once; 0 when it succeeds.
    int error_of(std::uint64_t size, std::uint64_t align = 0);

    std::unique_ptr<Heap> heap_;
};

}  // namespace ion
