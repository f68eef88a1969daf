// SPDX-License-Identifier: Apache-2.0

#include "tests/contract/heap_contract.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "heaps/exporter.h"
#include "heaps/heap_type.h"
#include "plugins/plugin_set.h"
#include "tests/fakes/fake_scrubbers.h"

namespace ion {

void PrintTo(ExporterKind kind, std::ostream* out) {
    *out << exporter_name(kind);
}

void PrintTo(const ContractCase& c, std::ostream* out) {
    *out << c.type << " on " << exporter_name(c.exporter);
}

std::vector<ContractCase> cases_of(const std::vector<std::string>& types) {
    std::vector<ContractCase> cases;
    for (const std::string& type : types) {
        for (const ExporterKind kind :
             {ExporterKind::kMemfd, ExporterKind::kUdmabuf, ExporterKind::kVgem, ExporterKind::kDmaHeap}) {
            if (type != "dma_heap" || kind == ExporterKind::kDmaHeap) {  // its exporter is fixed
                cases.push_back({type, kind});
            }
        }
    }
    return cases;
}

namespace {

/// The built-in types, and those of the plug-ins in examples/heaps.
std::span<const HeapType> types() {
    static const PluginSet set = [] {
        static Activity activity;
        PluginSet all;
        for (const char* path : {ION_BINARY_DIR "/lib/buddy.so", ION_BINARY_DIR "/lib/tlsf.so"}) {
            auto image = PluginImage::read(path);
            auto plugin = image ? LoadedPlugin::load(*std::move(image), activity) : image.error();
            const auto added = plugin ? all.add(*std::move(plugin)) : plugin.error();
            if (!added) {
                throw std::runtime_error(added.error().context);
            }
        }
        return all;
    }();
    return set.types();
}

}  // namespace

std::vector<std::string> all_types() {
    std::vector<std::string> names;
    std::ranges::transform(types(), std::back_inserter(names),
                           [](const HeapType& type) { return std::string(type.name); });
    return names;
}

std::vector<std::string> region_types() {
    std::vector<std::string> names = all_types();
    std::erase_if(names, [](const std::string& name) {
        return find_heap_type(types(), name)->region == RegionNeed::kNone;
    });
    return names;
}

std::string case_name(const ::testing::TestParamInfo<ContractCase>& test) {
    return test.param.type + "_" + exporter_name(test.param.exporter);
}

std::uint64_t taken_by(const Backing& backing) {
    std::uint64_t bytes = backing.placement().empty() ? backing.size() : 0;
    for (const PlacedRange& range : backing.placement()) {
        bytes += range.size;
    }
    return bytes;
}

Mapping::Mapping(int fd, std::uint64_t size) {
    void* const address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    EXPECT_NE(address, MAP_FAILED) << std::strerror(errno);
    if (address != MAP_FAILED) {
        bytes_ = {static_cast<unsigned char*>(address), size};
    }
}

Mapping::~Mapping() {
    if (!bytes_.empty()) {
        ::munmap(bytes_.data(), bytes_.size());
    }
}

void Mapping::fill(unsigned char value) const {
    std::ranges::fill(bytes_, value);
}

bool Mapping::is_all(unsigned char value) const {
    return !bytes_.empty() && std::ranges::count(bytes_, value) == std::ssize(bytes_);
}

void HeapContract::SetUp() {
    if (const auto exporter = open_exporter(GetParam().exporter); !exporter) {
        GTEST_SKIP() << exporter_name(GetParam().exporter) << ": " << exporter.error().context;
    }
    heap_ = make_heap(UniqueFd());
    ASSERT_NE(heap_, nullptr);
}

std::unique_ptr<Heap> HeapContract::make_heap(UniqueFd arena) {
    static InlineScrubber scrubber;
    const HeapType& type = *find_heap_type(types(), GetParam().type);
    auto heap = type.make({.id = 1,
                           .name = "contract",
                           .base = kRegionBase,
                           .size = kRegionSize,
                           .exporters = {GetParam().exporter},
                           .options = initial_options(type.options),
                           .total_ram = kTotalRam,
                           .scrubber = &scrubber,
                           .arena = std::move(arena)});
    EXPECT_TRUE(heap) << heap.error().context;
    return heap ? *std::move(heap) : nullptr;
}

std::unique_ptr<Backing> HeapContract::allocate(std::uint64_t pages) {
    auto backing = heap_->allocate({.size_bytes = pages * kPageSize});
    EXPECT_TRUE(backing) << backing.error().context;
    return backing ? *std::move(backing) : nullptr;
}

UniqueFd HeapContract::export_of(const Backing& backing) {
    auto fd = backing.memory().open_export();
    EXPECT_TRUE(fd) << fd.error().context;
    return fd ? *std::move(fd) : UniqueFd();
}

int HeapContract::error_of(std::uint64_t size, std::uint64_t align) {
    const auto backing = heap_->allocate({.size_bytes = size, .align_bytes = align});
    return backing ? 0 : backing.error().code;
}

}  // namespace ion
