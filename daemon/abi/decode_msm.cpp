// SPDX-License-Identifier: Apache-2.0

#include <linux/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "daemon/abi/command_table.h"
#include "daemon/abi/uapi_msm.h"
#include "daemon/abi/wire.h"

namespace ion::abi {
namespace {

using namespace uapi;

// Bounds on PREFETCH's arrays, in elements; the driver had none.
constexpr std::uint32_t kMaxRegions = 32;
constexpr std::uint32_t kMaxSizesPerRegion = 64;

/// The three numberings of the cache commands, with the checks that came with them.
struct FlushSeries {
    char magic = 'I';
    unsigned first = 0;  ///< number of CLEAN; INV and CLEAN_INV follow
    bool null_address_allowed = false;
    bool import_before_range = false;
    bool negative_is_no_handle = false;  ///< B's rule; a pointer is absent only when it is NULL
};
constexpr FlushSeries kFirstFlush{.magic = 'I', .first = 7};
constexpr FlushSeries kSecondFlush{.magic = 'I', .first = 20, .import_before_range = true};
constexpr FlushSeries kFlush{
    .magic = 'M', .first = 0, .null_address_allowed = true, .negative_is_no_handle = true};

constexpr bool is_negative(std::int32_t handle) {
    return handle < 0;
}
constexpr bool is_negative(std::uint64_t /*handle*/) {
    return false;
}

template <typename Wire, const FlushSeries& kSeries, CacheOp kOp>
DecodeResult decode_flush(const Call& call) {
    const auto wire = read_wire<Wire>(call.input);
    const bool no_handle = kSeries.negative_is_no_handle && is_negative(wire.handle);
    return Decoded{.request = CacheMaintenance{.op = kOp,
                                               .handle = no_handle ? 0 : handle_value(wire.handle),
                                               .fd = wire.fd,
                                               .address = wire.vaddr,
                                               .offset = wire.offset,
                                               .length = wire.length,
                                               .null_address_allowed = kSeries.null_address_allowed,
                                               .import_before_range = kSeries.import_before_range}};
}

template <typename Wire>
DecodeResult decode_get_flags(const Call& call) {
    return Decoded{.request = GetFlags{handle_value(read_wire<Wire>(call.input).handle)},
                   .outputs = {.value = Field{offsetof(Wire, flags), sizeof(Wire::flags)}}};
}

template <typename Wire>
Prefetch prefetch_of(const Call& call, const Wire& wire) {
    return Prefetch{.drain = _IOC_NR(call.command) == _IOC_NR(kDrainFixed),
                    .heap_mask = static_cast<std::uint32_t>(wire.heap_id),
                    .length = wire.len};
}

template <typename Wire>
DecodeResult decode_prefetch_pair(const Call& call) {
    return Decoded{.request = prefetch_of(call, read_wire<Wire>(call.input))};
}

template <typename Element>
std::vector<Element> read_array(std::span<const std::byte> bytes) {
    std::vector<Element> elements;
    for (; bytes.size() >= sizeof(Element); bytes = bytes.subspan(sizeof(Element))) {
        elements.push_back(read_wire<Element>(bytes));
    }
    return elements;
}

/// Two rounds: first the regions, then the sizes of each.
template <typename Wire, typename Region, typename Size>
DecodeResult decode_prefetch_regions(const Call& call) {
    const auto wire = read_wire<Wire>(call.input);
    Prefetch prefetch = prefetch_of(call, wire);
    if (wire.nr_regions > kMaxRegions) {
        return Malformed{EINVAL};
    }
    if (wire.nr_regions == 0) {
        return Decoded{.request = std::move(prefetch)};
    }

    const MemoryRange regions{wire.regions, wire.nr_regions * sizeof(Region)};
    if (auto found = obstacle(call.fetched, {&regions, 1})) {
        return *std::move(found);
    }
    std::vector<MemoryRange> sizes;
    for (const Region& region : read_array<Region>(call.fetched.front().bytes)) {
        if (region.nr_sizes > kMaxSizesPerRegion) {
            return Malformed{EINVAL};
        }
        if (region.nr_sizes > 0) {
            sizes.push_back({region.sizes, region.nr_sizes * sizeof(Size)});
        }
    }

    const auto answers = call.fetched.subspan(1);
    if (auto found = obstacle(answers, sizes)) {
        return *std::move(found);
    }
    for (const FetchedMemory& answer : answers.first(sizes.size())) {
        std::ranges::copy(read_array<Size>(answer.bytes), std::back_inserter(prefetch.region_sizes));
    }
    return Decoded{.request = std::move(prefetch)};
}

template <typename Wire, const FlushSeries& kSeries, CacheOp kOp>
constexpr CommandRow flush_row(Generation generation) {
    return {.command = flush_command<Wire>(kSeries.magic, kSeries.first + static_cast<unsigned>(kOp)),
            .generation = generation,
            .decode = decode_flush<Wire, kSeries, kOp>,
            .inside_custom = kSeries.magic == 'M'};
}

constexpr CommandRow get_flags_row(std::uint32_t command, DecodeResult (*decode)(const Call&),
                                   Callers callers = Callers::kAll, Profile profile = Profile::kAll) {
    return {command, Generation::kA, decode, false, callers, profile};
}

constexpr CommandRow prefetch_row(std::uint32_t command, Generation generation,
                                  DecodeResult (*decode)(const Call&), Callers callers = Callers::kAll,
                                  Profile profile = Profile::kAll) {
    return {command, generation, decode, true, callers, profile};
}

constexpr auto kDecodeRegions32 = decode_prefetch_regions<PrefetchRegions32, Region32, std::uint32_t>;
constexpr auto kDecodeRegions64 = decode_prefetch_regions<PrefetchRegions64, Region64, std::uint64_t>;
constexpr auto kDecodeFixed = decode_prefetch_regions<PrefetchFixed, RegionFixed, std::uint64_t>;

constexpr CommandRow kRows[] = {
    flush_row<Flush32, kFirstFlush, CacheOp::kClean>(Generation::kA),
    flush_row<Flush64, kFirstFlush, CacheOp::kClean>(Generation::kA),
    flush_row<Flush32, kFirstFlush, CacheOp::kInvalidate>(Generation::kA),
    flush_row<Flush64, kFirstFlush, CacheOp::kInvalidate>(Generation::kA),
    flush_row<Flush32, kFirstFlush, CacheOp::kCleanInvalidate>(Generation::kA),
    flush_row<Flush64, kFirstFlush, CacheOp::kCleanInvalidate>(Generation::kA),
    flush_row<Flush32, kSecondFlush, CacheOp::kClean>(Generation::kA),
    flush_row<Flush64, kSecondFlush, CacheOp::kClean>(Generation::kA),
    flush_row<Flush32, kSecondFlush, CacheOp::kInvalidate>(Generation::kA),
    flush_row<Flush64, kSecondFlush, CacheOp::kInvalidate>(Generation::kA),
    flush_row<Flush32, kSecondFlush, CacheOp::kCleanInvalidate>(Generation::kA),
    flush_row<Flush64, kSecondFlush, CacheOp::kCleanInvalidate>(Generation::kA),
    flush_row<Flush32, kFlush, CacheOp::kClean>(Generation::kA),
    flush_row<Flush64, kFlush, CacheOp::kClean>(Generation::kA),
    flush_row<FlushInt64, kFlush, CacheOp::kClean>(Generation::kB),
    flush_row<Flush32, kFlush, CacheOp::kInvalidate>(Generation::kA),
    flush_row<Flush64, kFlush, CacheOp::kInvalidate>(Generation::kA),
    flush_row<FlushInt64, kFlush, CacheOp::kInvalidate>(Generation::kB),
    flush_row<Flush32, kFlush, CacheOp::kCleanInvalidate>(Generation::kA),
    flush_row<Flush64, kFlush, CacheOp::kCleanInvalidate>(Generation::kA),
    flush_row<FlushInt64, kFlush, CacheOp::kCleanInvalidate>(Generation::kB),

    get_flags_row(kGetFlagsFirst32, decode_get_flags<Flags32>, Callers::kAll, Profile::kMsmGetFlags),
    get_flags_row(kGetFlagsFirst64, decode_get_flags<Flags64>),
    get_flags_row(kGetFlagsSecond32, decode_get_flags<Flags32>),
    get_flags_row(kGetFlagsSecond64, decode_get_flags<Flags64>),
    get_flags_row(kGetFlags32, decode_get_flags<Flags32>, Callers::kAll, Profile::kMsmGetFlags),
    get_flags_row(kGetFlags64, decode_get_flags<Flags64>, Callers::kOnly64, Profile::kMsmGetFlags),

    prefetch_row(kPrefetchPair32, Generation::kB, decode_prefetch_pair<PrefetchPair32>, Callers::kAll,
                 Profile::kNotMsmGetFlags),
    prefetch_row(kPrefetchPair64, Generation::kB, decode_prefetch_pair<PrefetchPair64>, Callers::kOnly64,
                 Profile::kNotMsmGetFlags),
    prefetch_row(kPrefetchRegions32, Generation::kB, kDecodeRegions32, Callers::kOnly32),
    prefetch_row(kPrefetchRegions64, Generation::kB, kDecodeRegions64),
    prefetch_row(kPrefetchFixed, Generation::kC, kDecodeFixed),
    prefetch_row(kDrainPair32, Generation::kB, decode_prefetch_pair<PrefetchPair32>),
    prefetch_row(kDrainPair64, Generation::kB, decode_prefetch_pair<PrefetchPair64>, Callers::kOnly64),
    prefetch_row(kDrainRegions32, Generation::kB, kDecodeRegions32, Callers::kOnly32),
    prefetch_row(kDrainRegions64, Generation::kB, kDecodeRegions64),
    prefetch_row(kDrainFixed, Generation::kC, kDecodeFixed),
};

}  // namespace

std::span<const CommandRow> msm_commands() {
    return kRows;
}

}  // namespace ion::abi
