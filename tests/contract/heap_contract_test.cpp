// SPDX-License-Identifier: Apache-2.0
//
// What every heap promises its core (heaps/heap.h, heaps/memory.h), for each heap type with each exporter.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/checked_math.h"
#include "heaps/exporter.h"
#include "heaps/heap_catalog.h"

namespace ion {
namespace {

constexpr std::uint64_t kRegionBase = 0x2d301000;  // odd page
constexpr std::uint64_t kRegionSize = 64 * kPageSize;
constexpr std::uint64_t kTotalRam = 2 * kRegionSize;  // so that system heaps have the same limit

struct ContractCase {
    std::string type;
    ExporterKind exporter;
};

void PrintTo(const ContractCase& c, std::ostream* out) {
    *out << c.type << " on " << exporter_name(c.exporter);
}

std::ptrdiff_t open_descriptors() {
    using Iterator = std::filesystem::directory_iterator;
    return std::distance(Iterator("/proc/self/fd"), Iterator());  // the iterator's own one, always, included
}

/// The memory of a client: a mapping of an exported descriptor.
class Mapping {
  public:
    Mapping(int fd, std::uint64_t size)
        : address_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)), size_(size) {
        EXPECT_NE(address_, MAP_FAILED) << std::strerror(errno);
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() { ::munmap(address_, size_); }

    [[nodiscard]] std::span<unsigned char> bytes() const {
        return address_ == MAP_FAILED ? std::span<unsigned char>()
                                      : std::span(static_cast<unsigned char*>(address_), size_);
    }
    [[nodiscard]] bool is_all(unsigned char value) const {
        const auto all = bytes();
        return !all.empty() &&
               std::all_of(all.begin(), all.end(), [value](unsigned char b) { return b == value; });
    }

  private:
    void* address_;
    std::uint64_t size_;
};

class HeapContract : public ::testing::TestWithParam<ContractCase> {
  protected:
    void SetUp() override {
        if (const auto exporter = open_exporter(GetParam().exporter); !exporter) {
            GTEST_SKIP() << exporter_name(GetParam().exporter) << ": " << exporter.error().context;
        }
        heap_ = make_heap(UniqueFd());
        ASSERT_NE(heap_, nullptr);
    }

    static std::unique_ptr<Heap> make_heap(UniqueFd arena) {
        auto heap = find_heap_type(GetParam().type)
                        ->make({.id = 1,
                                .name = "contract",
                                .base = kRegionBase,
                                .size = kRegionSize,
                                .exporters = {GetParam().exporter},
                                .total_ram = kTotalRam,
                                .arena = std::move(arena)});
        EXPECT_TRUE(heap) << heap.error().context;
        return heap ? *std::move(heap) : nullptr;
    }

    std::unique_ptr<Backing> allocate(std::uint64_t pages, std::uint64_t align = 0) {
        auto backing = heap_->allocate({.size_bytes = pages * kPageSize, .align_bytes = align});
        EXPECT_TRUE(backing) << backing.error().context;
        return backing ? *std::move(backing) : nullptr;
    }

    int error_of(std::uint64_t size, std::uint64_t align = 0) {
        const auto backing = heap_->allocate({.size_bytes = size, .align_bytes = align});
        return backing ? 0 : backing.error().code;
    }

    static UniqueFd export_of(const Backing& backing) {
        auto fd = backing.memory().open_export();
        EXPECT_TRUE(fd) << fd.error().context;
        return fd ? *std::move(fd) : UniqueFd();
    }

    std::unique_ptr<Heap> heap_;
};

TEST_P(HeapContract, GivesZeroedMemoryAtFirst) {
    const auto backing = allocate(5);
    const Mapping mapping(export_of(*backing).get(), 5 * kPageSize);
    EXPECT_TRUE(mapping.is_all(0));
}

TEST_P(HeapContract, ShowsNothingOfAFormerOwner) {
    for (int round = 0; round < 3; ++round) {
        const auto backing = allocate(32);  // half of the region, so that the next round gets the same place
        const Mapping mapping(export_of(*backing).get(), 32 * kPageSize);
        ASSERT_TRUE(mapping.is_all(0)) << "round " << round;
        std::ranges::fill(mapping.bytes(), static_cast<unsigned char>(0xA5));
    }
}

TEST_P(HeapContract, ShowsNothingToAFormerOwnerThatKeptItsMapping) {
    auto backing = allocate(4);
    const Mapping kept(export_of(*backing).get(), 4 * kPageSize);
    std::ranges::fill(kept.bytes(), static_cast<unsigned char>(0x11));
    backing.reset();  // the core waits for idle(); a heap is safe even so

    const auto next = allocate(4);
    const Mapping mapping(export_of(*next).get(), 4 * kPageSize);
    std::ranges::fill(mapping.bytes(), static_cast<unsigned char>(0x22));

    EXPECT_TRUE(kept.is_all(0x11));
    EXPECT_TRUE(mapping.is_all(0x22));
}

TEST_P(HeapContract, SharesOneMemoryAmongAllExports) {
    const auto backing = allocate(2);
    const Mapping a(export_of(*backing).get(), 2 * kPageSize);
    const Mapping b(export_of(*backing).get(), 2 * kPageSize);
    std::ranges::fill(a.bytes(), static_cast<unsigned char>(0x5A));
    EXPECT_TRUE(b.is_all(0x5A));
}

TEST_P(HeapContract, KeepsBuffersApart) {
    std::vector<std::unique_ptr<Backing>> held;
    std::vector<std::unique_ptr<Mapping>> mappings;
    for (unsigned char i = 1; i <= 8; ++i) {
        held.push_back(allocate(3));
        mappings.push_back(std::make_unique<Mapping>(export_of(*held.back()).get(), 3 * kPageSize));
        std::ranges::fill(mappings.back()->bytes(), i);
    }
    for (unsigned char i = 1; i <= 8; ++i) {
        EXPECT_TRUE(mappings[i - 1U]->is_all(i)) << "buffer " << int{i};
    }
}

TEST_P(HeapContract, PlacesBuffersWithinTheRegionWithoutOverlap) {
    std::vector<std::unique_ptr<Backing>> held;
    std::vector<PlacedRange> ranges;
    for (const std::uint64_t pages : {1, 3, 2, 7}) {
        held.push_back(allocate(pages));
        const auto placement = held.back()->placement();
        EXPECT_EQ(placement.empty(), !heap_->has_addresses());
        ranges.insert(ranges.end(), placement.begin(), placement.end());
    }
    std::ranges::sort(ranges, {}, &PlacedRange::base);
    std::uint64_t end = kRegionBase;
    for (const PlacedRange& range : ranges) {
        EXPECT_GE(range.base, end);
        end = range.base + range.size;
    }
    EXPECT_LE(end, kRegionBase + kRegionSize);
}

TEST_P(HeapContract, PlacesAtTheAlignmentAskedForOrRefuses) {
    for (const std::uint64_t align : {0ULL, 1ULL, 4096ULL, 8192ULL, 65536ULL}) {
        const auto backing = heap_->allocate({.size_bytes = kPageSize, .align_bytes = align});
        if (!backing) {
            EXPECT_EQ(backing.error().code, EINVAL) << align;
            EXPECT_GT(align, kPageSize);
            continue;
        }
        for (const PlacedRange& range : (*backing)->placement()) {
            EXPECT_EQ(range.base % std::max<std::uint64_t>(align, kPageSize), 0U) << align;
        }
    }
}

TEST_P(HeapContract, RefusesSizesAndAlignmentsThatCannotBe) {
    EXPECT_EQ(error_of(0), EINVAL);
    EXPECT_EQ(error_of(kPageSize + 1), EINVAL);
    EXPECT_EQ(error_of(kPageSize, ~0ULL), EINVAL);
    EXPECT_EQ(error_of(kPageSize, 0xFFFFFFFF), EINVAL);
    EXPECT_EQ(heap_->usage().allocated, 0U);
}

TEST_P(HeapContract, HasNoMemoryForMoreThanItsLimit) {
    EXPECT_EQ(error_of(kRegionSize), 0);
    EXPECT_EQ(error_of(kRegionSize + kPageSize), ENOMEM);
    EXPECT_EQ(error_of(~0ULL - kPageSize + 1), ENOMEM);
    EXPECT_EQ(heap_->usage().allocated, 0U);
}

TEST_P(HeapContract, LeaksNoDescriptor) {
    const auto before = open_descriptors();
    for (int i = 0; i < 8; ++i) {
        const auto backing = allocate(2);
        const UniqueFd exported = export_of(*backing);
        EXPECT_FALSE(backing->memory().idle());
        EXPECT_NE(error_of(2 * kRegionSize), 0);
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(HeapContract, KeepsOneDescriptorForEachBuffer) {
    const auto before = open_descriptors();
    const auto first = allocate(1);
    const auto second = allocate(1);
    EXPECT_EQ(open_descriptors(), before + 2);
    EXPECT_EQ(::fcntl(first->memory().fd(), F_GETFD), FD_CLOEXEC);
}

TEST_P(HeapContract, ExportsTheSizeReadWriteAndCloseOnExec) {
    const auto backing = allocate(7);
    const UniqueFd exported = export_of(*backing);
    EXPECT_EQ(::lseek(exported.get(), 0, SEEK_END), 7 * 4096);
    EXPECT_EQ(::fcntl(exported.get(), F_GETFL) & O_ACCMODE, O_RDWR);
    EXPECT_EQ(::fcntl(exported.get(), F_GETFD), FD_CLOEXEC);
}

TEST_P(HeapContract, ExportsWhatIdentifiesAsTheMemory) {
    const auto a = allocate(1);
    const auto b = allocate(1);
    EXPECT_EQ(*file_id_of(export_of(*a).get()), a->memory().id());
    EXPECT_EQ(*file_id_of(export_of(*a).get()), a->memory().id()) << "every export is the same object";
    EXPECT_NE(a->memory().id(), b->memory().id());
    EXPECT_EQ(a->memory().kind(), GetParam().exporter);
}

TEST_P(HeapContract, IsIdleExactlyWhileNoDescriptorIsOpen) {
    const auto backing = allocate(1);
    EXPECT_TRUE(backing->memory().idle());

    UniqueFd a = export_of(*backing);
    UniqueFd b = export_of(*backing);
    EXPECT_FALSE(backing->memory().idle());
    a.reset();
    EXPECT_FALSE(backing->memory().idle());
    b.reset();
    EXPECT_TRUE(backing->memory().idle());
}

TEST_P(HeapContract, IsNotIdleWhileOnlyAMappingIsLeft) {
    const auto backing = allocate(1);
    {
        const Mapping mapping(export_of(*backing).get(), kPageSize);
        EXPECT_FALSE(backing->memory().idle());
    }
    EXPECT_TRUE(backing->memory().idle());
}

TEST_P(HeapContract, IsNotIdleWhileAnotherProcessHasItMapped) {
    const auto backing = allocate(1);
    const int own = backing->memory().fd();
    UniqueFd exported = export_of(*backing);
    std::array<int, 2> ready{};
    std::array<int, 2> leave{};
    ASSERT_EQ(::pipe2(ready.data(), O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(leave.data(), O_CLOEXEC), 0);

    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::close(own);  // a client never has the daemon's own descriptor
        ::close(leave[1]);
        const bool mapped =
            ::mmap(nullptr, kPageSize, PROT_READ, MAP_SHARED, exported.get(), 0) != MAP_FAILED;
        ::close(exported.get());
        char byte = mapped ? 'y' : 'n';
        const bool told = ::write(ready[1], &byte, 1) == 1;
        ::_exit(told && ::read(leave[0], &byte, 1) == 0 ? 0 : 1);  // until the test closes its end
    }
    exported.reset();
    char mapped = 0;
    ASSERT_EQ(::read(ready[0], &mapped, 1), 1);
    EXPECT_EQ(mapped, 'y');
    EXPECT_FALSE(backing->memory().idle());

    ::close(leave[1]);
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(backing->memory().idle());
    for (const int fd : {ready[0], ready[1], leave[0]}) {
        ::close(fd);
    }
}

/// A heap whose worker was killed: its destructors never run, its descriptors stay open for the next worker.
struct KilledHeap {
    std::unique_ptr<Heap> heap;
    std::vector<std::unique_ptr<Backing>> backings;
};

KilledHeap& kill_worker_of(std::unique_ptr<Heap> heap, std::vector<std::unique_ptr<Backing>> backings) {
    static auto& killed = *new std::vector<KilledHeap*>;  // reachable for ever, so not a leak
    return *killed.emplace_back(new KilledHeap{std::move(heap), std::move(backings)});
}

/// What the journal would know of a buffer.
RestoreRequest recorded(const Backing& backing, std::uint64_t size) {
    RestoreRequest request;
    request.request.size_bytes = size;
    request.exporter = backing.memory().kind();
    request.memory = UniqueFd(backing.memory().fd());
    request.placement.assign(backing.placement().begin(), backing.placement().end());
    return request;
}

void fill(const Backing& backing, std::uint64_t size, unsigned char value) {
    const auto exported = backing.memory().open_export();
    ASSERT_TRUE(exported);
    std::ranges::fill(Mapping(exported->get(), size).bytes(), value);
}

TEST_P(HeapContract, RestoresMemoryAndPlaceOfAWorkerThatWasKilled) {
    std::vector<std::unique_ptr<Backing>> made;
    made.push_back(allocate(1));
    made.push_back(allocate(3));
    const Mapping client(export_of(*made[1]).get(), 3 * kPageSize);
    std::ranges::fill(client.bytes(), static_cast<unsigned char>(0x77));
    const KilledHeap& killed = kill_worker_of(std::move(heap_), std::move(made));
    const Backing& before = *killed.backings[1];

    heap_ = make_heap(UniqueFd(killed.heap->arena_fd()));
    const auto after = heap_->restore(recorded(before, 3 * kPageSize));

    ASSERT_TRUE(after) << after.error().context;
    EXPECT_EQ((*after)->memory().id(), before.memory().id());
    EXPECT_TRUE(std::ranges::equal((*after)->placement(), before.placement()));
    EXPECT_EQ(heap_->usage().allocated, 3 * kPageSize);
    EXPECT_FALSE((*after)->memory().idle()) << "the client still has it mapped";
    EXPECT_TRUE(Mapping(export_of(**after).get(), 3 * kPageSize).is_all(0x77));
}

TEST_P(HeapContract, FindsRestoredMemoryIdleOnceTheClientIsGone) {
    std::vector<std::unique_ptr<Backing>> made;
    made.push_back(allocate(1));
    fill(*made[0], kPageSize, 0x77);
    const KilledHeap& killed = kill_worker_of(std::move(heap_), std::move(made));

    heap_ = make_heap(UniqueFd(killed.heap->arena_fd()));
    const auto after = heap_->restore(recorded(*killed.backings[0], kPageSize));

    ASSERT_TRUE(after) << after.error().context;
    EXPECT_TRUE((*after)->memory().idle());
}

TEST_P(HeapContract, ShowsNothingOfWhatAKilledWorkerDidNotFinishReleasing) {
    std::vector<std::unique_ptr<Backing>> made;
    made.push_back(allocate(2));
    fill(*made[0], 2 * kPageSize, 0x99);
    const KilledHeap& killed = kill_worker_of(std::move(heap_), std::move(made));
    UniqueFd(killed.backings[0]->memory().fd()).reset();  // no record names it, so the next worker closes it

    heap_ = make_heap(UniqueFd(killed.heap->arena_fd()));
    const auto backing = allocate(2);

    EXPECT_TRUE(Mapping(export_of(*backing).get(), 2 * kPageSize).is_all(0));
}

/// Heaps that can be exhausted: those without a region are limited by the machine's memory only.
class RegionHeapContract : public HeapContract {};

TEST_P(RegionHeapContract, RecoversFromExhaustionInAnyOrderOfRelease) {
    for (const bool forwards : {true, false}) {
        std::vector<std::unique_ptr<Backing>> held;
        for (int i = 0; i < 64; ++i) {
            held.push_back(allocate(1));
        }
        EXPECT_EQ(error_of(kPageSize), ENOMEM);
        EXPECT_EQ(heap_->usage().allocated, kRegionSize);
        EXPECT_EQ(heap_->usage().largest_free, 0U);
        while (!held.empty()) {
            held.erase(forwards ? held.begin() : held.end() - 1);
        }
        EXPECT_EQ(heap_->usage().allocated, 0U);
        EXPECT_EQ(heap_->usage().largest_free, kRegionSize);
    }
}

std::vector<ContractCase> cases_of(const std::vector<std::string>& types) {
    std::vector<ContractCase> cases;
    for (const std::string& type : types) {
        for (const ExporterKind kind :
             {ExporterKind::kMemfd, ExporterKind::kUdmabuf, ExporterKind::kVgem, ExporterKind::kDmaHeap}) {
            cases.push_back({type, kind});
        }
    }
    return cases;
}

std::vector<std::string> all_types() {
    std::vector<std::string> names;
    std::ranges::transform(heap_types(), std::back_inserter(names), &HeapType::name);
    return names;
}

std::string case_name(const ::testing::TestParamInfo<ContractCase>& test) {
    return test.param.type + "_" + exporter_name(test.param.exporter);
}

INSTANTIATE_TEST_SUITE_P(Heaps, HeapContract, ::testing::ValuesIn(cases_of(all_types())), case_name);
INSTANTIATE_TEST_SUITE_P(Heaps, RegionHeapContract, ::testing::ValuesIn(cases_of({"carveout"})), case_name);

}  // namespace
}  // namespace ion
