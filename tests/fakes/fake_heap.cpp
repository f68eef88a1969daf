// SPDX-License-Identifier: Apache-2.0

#include "tests/fakes/fake_heap.h"

#include <unistd.h>

#include <utility>

namespace ion {
namespace {

constexpr std::uint64_t kFakeDevice = 0xFA4E;
constexpr int kFirstFd = 1000;

/// As the kernel numbers inodes: none twice, whichever heap asks.
std::uint64_t next_inode() {
    static std::uint64_t last = 0;
    return ++last;
}

class FakeMemory final : public Memory {
  public:
    explicit FakeMemory(FakeMemoryState& state) : state_(state) {}

    [[nodiscard]] ExporterKind kind() const override { return state_.kind; }
    [[nodiscard]] int fd() const override { return state_.fd; }
    [[nodiscard]] FileId id() const override { return state_.id; }
    [[nodiscard]] Result<UniqueFd> open_export() const override {
        if (state_.export_error != 0) {
            return fail(state_.export_error, "fake export");
        }
        ++state_.exports;
        return UniqueFd(state_.export_of < 0 ? -1 : ::dup(state_.export_of));
    }
    [[nodiscard]] bool idle() const override {
        ++state_.looks;
        return state_.idle;
    }

  private:
    const FakeMemoryState& state_;
};

}  // namespace

class FakeHeap::Allocation final : public Backing {
  public:
    Allocation(FakeHeap& heap, FakeMemoryState& state, std::uint64_t size, std::vector<PlacedRange> placement)
        : heap_(heap), state_(state), memory_(state), size_(size), placement_(std::move(placement)) {
        heap_.allocated_ += size_;
    }
    ~Allocation() override {
        state_.released = true;
        heap_.allocated_ -= size_;
    }

    [[nodiscard]] const Memory& memory() const override { return memory_; }
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return placement_; }

  private:
    FakeHeap& heap_;
    FakeMemoryState& state_;
    FakeMemory memory_;
    std::uint64_t size_;
    std::vector<PlacedRange> placement_;
};

Result<std::unique_ptr<Backing>> FakeHeap::allocate(const HeapRequest& request) {
    calls_.push_back({.kind = FakeHeapCall::Kind::kAllocate, .request = request, .placement = {}});
    if (failure_ != 0) {
        return fail(failure_, "fake allocate");
    }
    std::vector<PlacedRange> placement;
    if (has_addresses()) {
        if (request.size_bytes > region_.base + region_.size - next_base_) {
            return fail(ENOMEM, "fake region is used up");
        }
        placement.push_back({.base = next_base_, .size = request.size_bytes});
        next_base_ += request.size_bytes;
    }
    return make(request.size_bytes, ExporterKind::kMemfd, std::move(placement));
}

Result<std::unique_ptr<Backing>> FakeHeap::restore(RestoreRequest request) {
    calls_.push_back({.kind = FakeHeapCall::Kind::kRestore,
                      .request = request.request,
                      .placement = request.placement,
                      .exporter = request.exporter});
    if (failure_ != 0) {
        return fail(failure_, "fake restore");
    }
    return make(request.request.size_bytes, request.exporter, std::move(request.placement));
}

HeapUsage FakeHeap::usage() const {
    const std::uint64_t unplaced = region_.base + region_.size - next_base_;
    return {.total = region_.size, .allocated = allocated_, .largest_free = unplaced};
}

Result<void> FakeHeap::map_user(const Backing& /*buffer*/) {
    if (user_failure_ != 0) {
        return fail(user_failure_, "fake map_user");
    }
    ++users_;
    return {};
}

std::unique_ptr<Backing> FakeHeap::make(std::uint64_t size, ExporterKind kind,
                                        std::vector<PlacedRange> placement) {
    const auto number = memories_.size();
    FakeMemoryState& state = memories_.emplace_back();
    state.kind = kind;
    state.fd = kFirstFd + static_cast<int>(number);
    state.id = std::exchange(next_id_, std::nullopt).value_or(FileId{kFakeDevice, next_inode()});
    return std::make_unique<Allocation>(*this, state, size, std::move(placement));
}

}  // namespace ion
