// SPDX-License-Identifier: Apache-2.0

#include "tests/check/broken_heap.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <map>
#include <stdexcept>
#include <utility>

#include "daemon/base/checked_math.h"
#include "heaps/exporter.h"
#include "heaps/first_fit_placer.h"
#include "heaps/memfd.h"

namespace ion {
namespace {

class BrokenHeap final : public Heap {
  public:
    BrokenHeap(PlacedRange region, Fault fault) : region_(region), fault_(fault), own_(region, kPageSize) {}

    Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override;
    Result<std::unique_ptr<Backing>> restore(RestoreRequest request) override;
    [[nodiscard]] HeapUsage usage() const override;
    [[nodiscard]] bool has_addresses() const override { return true; }

  private:
    class Buffer;

    void misbehave() const;
    Result<std::unique_ptr<Memory>> memory(std::uint64_t size);
    std::vector<PlacedRange> shown(PlacedRange placed) const;
    void give_back(PlacedRange placed, std::unique_ptr<Memory> memory);

    Placer& placer() {
        static FirstFitPlacer of_all(region_, kPageSize);  // without a lock; two at once corrupt it
        return fault_ == Fault::kSharingState ? of_all : own_;
    }

    PlacedRange region_;
    Fault fault_;
    FirstFitPlacer own_;
    unsigned count_ = 0;
    std::multimap<std::uint64_t, std::unique_ptr<Memory>> used_;  ///< by size
    int shared_ = -1;
    std::vector<UniqueFd> unused_;
};

class BrokenHeap::Buffer final : public Backing {
  public:
    /// `claimed` is where it says to be, `placed` what it gives back.
    Buffer(BrokenHeap& heap, PlacedRange placed, PlacedRange claimed, std::uint64_t size,
           std::unique_ptr<Memory> memory)
        : heap_(heap),
          placed_(placed),
          shown_(heap.shown(claimed)),
          size_(size),
          memory_(std::move(memory)) {}
    ~Buffer() override { heap_.give_back(placed_, std::move(memory_)); }

    [[nodiscard]] const Memory& memory() const override { return *memory_; }
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return shown_; }

  private:
    BrokenHeap& heap_;
    PlacedRange placed_;
    std::vector<PlacedRange> shown_;
    std::uint64_t size_;
    std::unique_ptr<Memory> memory_;
};

void BrokenHeap::misbehave() const {
    if (fault_ == Fault::kCrashing) {
        ::raise(SIGSEGV);
    }
    if (fault_ == Fault::kThrowing) {
        throw std::runtime_error("no thought was given to this");
    }
    while (fault_ == Fault::kHanging) {
        ::pause();
    }
}

/// What the heap says of a place: the truth, but for some faults.
std::vector<PlacedRange> BrokenHeap::shown(PlacedRange placed) const {
    const bool later = placed.base != region_.base;
    if (fault_ == Fault::kOverlapping && later) {
        placed.base -= kPageSize;
    }
    if (fault_ == Fault::kOutside && placed.base + placed.size == region_.base + region_.size) {
        placed.base += kPageSize;
    }
    return {placed};
}

Result<std::unique_ptr<Memory>> BrokenHeap::memory(std::uint64_t size) {
    if (const auto found = used_.find(size); fault_ == Fault::kNotZeroing && found != used_.end()) {
        return std::move(used_.extract(found).mapped());
    }
    if (fault_ == Fault::kShared && shared_ >= 0) {
        return MemfdMemory::adopt(UniqueFd(::fcntl(shared_, F_DUPFD_CLOEXEC, 0)));
    }
    // Large enough for whoever shares it.
    auto made = MemfdMemory::create(fault_ == Fault::kShared ? region_.size : size);
    if (made && fault_ == Fault::kShared) {
        shared_ = ::fcntl((*made)->fd(), F_DUPFD_CLOEXEC, 0);
        unused_.emplace_back(shared_);
    }
    return made;
}

Result<std::unique_ptr<Backing>> BrokenHeap::allocate(const HeapRequest& request) {
    misbehave();
    if (request.size_bytes == 0 || request.size_bytes % kPageSize != 0) {
        return fail(fault_ == Fault::kWrongErrno ? ENOSPC : EINVAL, "no whole pages");
    }
    HeapRequest asked = request;
    if (fault_ == Fault::kUnaligned && is_power_of_two(asked.align_bytes)) {
        asked.align_bytes = 0;
    }
    const auto placed = placer().place(asked);
    if (!placed) {
        return placed.error();
    }
    auto made = memory(request.size_bytes);
    if (!made) {
        placer().release(*placed);
        return made.error();
    }
    if (fault_ == Fault::kKeepingFds) {
        static_cast<void>(::fcntl((*made)->fd(), F_DUPFD_CLOEXEC, 0));
    }
    return std::unique_ptr<Backing>(std::make_unique<Buffer>(*this, placed->front(), placed->front(),
                                                             request.size_bytes, *std::move(made)));
}

Result<std::unique_ptr<Backing>> BrokenHeap::restore(RestoreRequest request) {
    auto taken = placer().take(request.request, request.placement);
    if (!taken && (fault_ != Fault::kAcceptingTaken || taken.error().code != EEXIST)) {
        return taken.error();
    }
    PlacedRange place = request.placement.front();
    if (!taken || fault_ == Fault::kRestoringWrong) {
        const auto other = placer().place(request.request);  // may well be another one
        if (!other) {
            return other.error();
        }
        if (taken) {
            placer().release(request.placement);
        }
        place = other->front();
    }
    auto memory = adopt_memory(request.exporter, std::move(request.memory));
    if (!memory) {
        return memory.error();
    }
    return std::unique_ptr<Backing>(std::make_unique<Buffer>(*this, place,
                                                             taken ? place : request.placement.front(),
                                                             request.request.size_bytes, *std::move(memory)));
}

HeapUsage BrokenHeap::usage() const {
    HeapUsage usage = const_cast<BrokenHeap*>(this)->placer().usage();
    if (fault_ == Fault::kMiscounting && usage.allocated >= 8 * kPageSize) {
        usage.allocated -= kPageSize;
    }
    return usage;
}

void BrokenHeap::give_back(PlacedRange placed, std::unique_ptr<Memory> memory) {
    if (fault_ == Fault::kLeaking && ++count_ % 4 == 0) {
        return;
    }
    if (fault_ == Fault::kNotZeroing) {
        used_.emplace(placed.size, std::move(memory));
    }
    placer().release({&placed, 1});
}

template <Fault fault>
Result<std::unique_ptr<Heap>> make(HeapParameters parameters) {
    return std::unique_ptr<Heap>(
        std::make_unique<BrokenHeap>(PlacedRange{parameters.base, parameters.size}, fault));
}

using Make = Result<std::unique_ptr<Heap>> (*)(HeapParameters);

template <std::size_t... numbers>
Make maker_of(Fault fault, std::index_sequence<numbers...> /*all*/) {
    constexpr std::array<Make, sizeof...(numbers)> kMakers{make<static_cast<Fault>(numbers)>...};
    return kMakers[static_cast<std::size_t>(fault)];
}

}  // namespace

check::Subject subject_with(Fault fault) {
    check::Subject subject;
    subject.type = {
        .name = "broken",
        .region = RegionNeed::kRequired,
        .make = maker_of(fault, std::make_index_sequence<static_cast<std::size_t>(Fault::kThrowing) + 1>())};
    return subject;
}

}  // namespace ion
