// SPDX-License-Identifier: Apache-2.0

#include "heaps/memory_pool.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "heaps/descriptors.h"

namespace ion {
namespace {

/// True when no device works on a dma-buf any more. A fence that a former user attached and that never signals would
/// hold up whoever accesses the memory next, the scrubber first.
bool no_work_pending(const Memory& memory) {
    pollfd ready{.fd = memory.fd(), .events = POLLOUT, .revents = 0};
    return ::poll(&ready, 1, 0) == 1 && ready.revents == POLLOUT;
}

template <typename Pieces>
std::uint64_t bytes_of(const Pieces& pieces) {
    std::uint64_t bytes = 0;
    for (const auto& piece : pieces) {
        bytes += piece.size;
    }
    return bytes;
}

}  // namespace

std::shared_ptr<MemoryPool> MemoryPool::create(Scrubber* scrubber, PoolLimits limits, Probe recyclable) {
    return std::shared_ptr<MemoryPool>(new MemoryPool(scrubber, limits, recyclable));
}

void MemoryPool::put(std::unique_ptr<Memory> memory, std::uint64_t size_bytes, bool cached) {
    if (scrubber_ == nullptr || !may_be_kept(*memory, size_bytes)) {
        return;
    }
    const Renewal renewal = renewal_of(*memory);
    // To make a piece and let its like go for it would be work for nothing.
    const bool vain =
        renewal == Renewal::kReplace && exceeded_by(size_bytes) && has_one_for(size_bytes, cached);
    if (renewal == Renewal::kNone || vain || !make_room(size_bytes)) {
        return;
    }
    waiting_.push_back({std::move(memory), size_bytes, cached, renewal});
    scrub_next();
}

bool MemoryPool::may_be_kept(const Memory& memory, std::uint64_t size_bytes) {
    if (size_bytes > std::min(limits_.bytes, limits_.largest) || limits_.pieces == 0) {
        return false;
    }
    return !descriptors_are_scarce() && memory.idle() && no_work_pending(memory);
}

MemoryPool::Renewal MemoryPool::renewal_of(const Memory& memory) {
    auto known = recyclable_kinds_.find(memory.kind());
    if (known == recyclable_kinds_.end()) {
        known = recyclable_kinds_.emplace(memory.kind(), recyclable_(memory)).first;
    }
    if (known->second) {
        return Renewal::kZero;
    }
    return memory.kind() == ExporterKind::kMemfd ? Renewal::kReplace : Renewal::kNone;
}

bool MemoryPool::has_one_for(std::uint64_t size_bytes, bool cached) const {
    const auto fits = [=](const Piece& piece) { return piece.fits(size_bytes, cached); };
    return std::ranges::any_of(pooled_, fits) || std::ranges::any_of(waiting_, fits) ||
           (scrubbing_ && fits(*scrubbing_));
}

bool MemoryPool::exceeded_by(std::uint64_t size_bytes) const {
    const std::size_t pieces = waiting_.size() + pooled_.size() + (scrubbing_ ? 1 : 0);
    return pieces >= limits_.pieces || deferred_bytes() + pooled_bytes() + size_bytes > limits_.bytes;
}

bool MemoryPool::make_room(std::uint64_t size_bytes) {
    while (exceeded_by(size_bytes)) {
        std::deque<Piece>& oldest = pooled_.empty() ? waiting_ : pooled_;
        if (oldest.empty()) {
            return false;  // the scrubber has all of it
        }
        oldest.pop_front();
    }
    return true;
}

std::unique_ptr<Memory> MemoryPool::take(std::uint64_t size_bytes, bool cached) {
    const auto found =
        std::ranges::find_if(pooled_, [=](const Piece& piece) { return piece.fits(size_bytes, cached); });
    if (found == pooled_.end()) {
        return nullptr;
    }
    auto memory = std::move(found->memory);
    pooled_.erase(found);
    return memory;
}

std::uint64_t MemoryPool::shrink(std::uint64_t bytes) {
    std::uint64_t given = 0;
    while (given < bytes && !waiting_.empty()) {
        given += waiting_.front().size;
        waiting_.pop_front();
    }
    while (given < bytes && !pooled_.empty()) {
        const auto first = std::ranges::min_element(
            pooled_, {}, [](const Piece& piece) { return largest_order(piece.size); });
        given += first->size;
        pooled_.erase(first);
    }
    return given;
}

std::uint64_t MemoryPool::deferred_bytes() const {
    return bytes_of(waiting_) + (scrubbing_ ? scrubbing_->size : 0);
}

std::uint64_t MemoryPool::pooled_bytes() const {
    return bytes_of(pooled_);
}

PageBlocks MemoryPool::pooled_blocks(bool cached) const {
    PageBlocks total{};
    for (const Piece& piece : pooled_) {
        if (piece.cached == cached) {
            const PageBlocks blocks = split_into_orders(piece.size);
            std::ranges::transform(total, blocks, total.begin(), std::plus<>());
        }
    }
    return total;
}

void MemoryPool::scrub_next() {
    // One at a time: what waits here can still be let go, and the scrubber's queue is as short as there are heaps.
    if (scrubbing_ || waiting_.empty()) {
        return;
    }
    scrubbing_ = std::move(waiting_.front());
    waiting_.pop_front();
    auto memory = std::move(scrubbing_->memory);
    const auto work = scrubbing_->renewal == Renewal::kZero ? &Scrubber::zero : &Scrubber::replace;
    (scrubber_->*work)(std::move(memory), scrubbing_->size,
                       [pool = weak_from_this()](std::unique_ptr<Memory> fit) {
                           if (const auto alive = pool.lock()) {
                               alive->scrubbed(std::move(fit));
                           }
                       });
}

void MemoryPool::scrubbed(std::unique_ptr<Memory> memory) {
    Piece piece = *std::exchange(scrubbing_, std::nullopt);
    if (memory != nullptr) {
        piece.memory = std::move(memory);
        pooled_.push_back(std::move(piece));
    }
    scrub_next();
}

}  // namespace ion
