// SPDX-License-Identifier: Apache-2.0
//
// World, the part about workers that are killed and heaps that take over.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "heaps/check/world.h"

namespace ion::check {
namespace {

/// What a killed worker leaves in memory: no destructor runs. Reachable for ever, so not a leak.
struct Killed {
    std::unique_ptr<Heap> heap;
    std::unique_ptr<Backing> backing;
};

void bury(Killed killed) {
    static auto& graves = *new std::vector<Killed>;
    graves.push_back(std::move(killed));
}

RestoreRequest recorded(const HeapRequest& request, ExporterKind kind, std::vector<PlacedRange> placement,
                        int fd) {
    return {.request = request, .exporter = kind, .memory = UniqueFd(fd), .placement = std::move(placement)};
}

}  // namespace

void World::restart() {
    const int arena = heap_->arena_fd();
    bury({std::move(heap_), nullptr});
    auto next = subject_.make(UniqueFd(arena));
    if (!next) {
        broke(Rule::kRestored, "the next worker cannot make the heap: " + next.error().context);
        for (Buffer& buffer : live_) {
            bury({nullptr, std::move(buffer.backing)});
        }
        live_.clear();
        return;
    }
    heap_ = *std::move(next);
    std::vector<Buffer> former;
    former.swap(live_);
    for (Buffer& buffer : former) {
        restore(buffer);
    }
    // A heap that accepts what it must refuse is spoilt for every other rule.
    if (rule_ == Rule::kRestored && !live_.empty()) {
        check_refusals(live_.back());
    }
    for (const Buffer& buffer : live_) {
        check_content(buffer);
    }
}

void World::restore(Buffer& buffer) {
    const FileId id = buffer.backing->memory().id();
    auto request = recorded(buffer.request, buffer.backing->memory().kind(), buffer.placement,
                            buffer.backing->memory().fd());
    bury({nullptr, std::move(buffer.backing)});
    auto restored = heap_->restore(std::move(request));
    if (!restored) {
        broke(Rule::kRestored,
              fmt::format("a buffer of {} bytes is refused: errno {}, {}", buffer.request.size_bytes,
                          restored.error().code, restored.error().context));
        return;
    }
    if (*restored == nullptr) {
        broke(Rule::kRestored, "a success without a buffer");
        return;
    }
    buffer.backing = *std::move(restored);
    if (!std::ranges::equal(buffer.backing->placement(), buffer.placement)) {
        broke(Rule::kRestored, "a buffer lies elsewhere than before");
    }
    if (buffer.backing->memory().id() != id || buffer.backing->size() != buffer.request.size_bytes) {
        broke(Rule::kRestored, "a buffer has another memory or size than before");
    }
    live_.push_back(std::move(buffer));
}

/// What no record of this heap can say, or says twice.
void World::check_refusals(const Buffer& buffer) {
    const auto outcome = [&](std::vector<PlacedRange> placement) {
        const int copy = ::fcntl(buffer.backing->memory().fd(), F_DUPFD_CLOEXEC, 0);
        auto restored = heap_->restore(
            recorded(buffer.request, buffer.backing->memory().kind(), std::move(placement), copy));
        return restored ? 0 : restored.error().code;
    };
    const PlacedRange outside{.base = subject_.region.base + subject_.region.size,
                              .size = buffer.request.size_bytes};
    if (const int code = outcome({outside}); code != EINVAL) {
        broke(Rule::kRestored,
              fmt::format("a place outside the region gives errno {} instead of EINVAL", code));
    }
    if (heap_->has_addresses()) {
        if (const int code = outcome(buffer.placement); code != EEXIST) {
            broke(Rule::kRestored,
                  fmt::format("a place that is taken gives errno {} instead of EEXIST", code));
        }
    }
}

}  // namespace ion::check
