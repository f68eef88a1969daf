// SPDX-License-Identifier: Apache-2.0

#include "heaps/trace/replay.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

OperationTimes times_of(std::vector<std::uint64_t> all) {
    if (all.empty()) {
        return {};
    }
    std::ranges::sort(all);
    return {.median = all[all.size() / 2], .p99 = all[all.size() * 99 / 100]};
}

double fragmentation_of(const HeapUsage& usage) {
    const std::uint64_t free = usage.total - std::min(usage.allocated, usage.total);
    return free == 0 ? 0 : 1 - static_cast<double>(usage.largest_free) / static_cast<double>(free);
}

class Replayer {
  public:
    Replayer(Heap& heap, const Clock& clock) : heap_(heap), clock_(clock) {}

    Replayed run(const Trace& trace) {
        double sum = 0;
        for (const TraceEvent& event : trace.events) {
            event.op == TraceOp::kAlloc ? allocate(event) : free(event);
            const HeapUsage usage = heap_.usage();
            const double fragmentation = fragmentation_of(usage);
            sum += fragmentation;
            figures().worst_fragmentation = std::max(figures().worst_fragmentation, fragmentation);
            figures().peak = std::max(figures().peak, usage.allocated);
            figures().peak_asked = std::max(figures().peak_asked, asked_);
        }
        result_.end_ns = trace.events.empty() ? 0 : trace.events.back().time_ns;
        figures().mean_fragmentation =
            sum / static_cast<double>(std::max<std::size_t>(trace.events.size(), 1));
        while (!live_.empty()) {
            forget(live_.begin(), result_.end_ns);
        }
        figures().allocate = times_of(std::move(allocate_ns_));
        figures().free = times_of(std::move(free_ns_));
        return std::move(result_);
    }

  private:
    struct Live {
        std::unique_ptr<Backing> backing;
        std::uint64_t from_ns = 0;
        std::uint64_t size = 0;
        std::string client;
    };
    using Buffers = std::unordered_map<std::uint64_t, Live>;

    ReplayFigures& figures() { return result_.figures; }

    void allocate(const TraceEvent& event) {
        ++figures().allocations;
        const std::uint64_t size = checked_round_up(event.size, kPageSize).value_or(0);
        const std::uint64_t begun = clock_();
        auto backing = heap_.allocate({.size_bytes = size, .align_bytes = event.align, .flags = event.flags});
        allocate_ns_.push_back(clock_() - begun);
        if (!backing) {
            ++figures().failures;
            result_.failed_ns.push_back(event.time_ns);
            return;
        }
        asked_ += size;
        live_.emplace(event.id, Live{*std::move(backing), event.time_ns, size, event.client});
    }

    void free(const TraceEvent& event) {
        if (const auto found = live_.find(event.id); found != live_.end()) {  // else it was refused
            forget(found, event.time_ns);
        }
    }

    void forget(Buffers::iterator at, std::uint64_t until_ns) {
        Live& buffer = at->second;
        for (const PlacedRange& range : buffer.backing->placement()) {
            result_.buffers.push_back({buffer.from_ns, until_ns, range, buffer.client});
        }
        asked_ -= buffer.size;
        const std::uint64_t begun = clock_();
        buffer.backing.reset();
        free_ns_.push_back(clock_() - begun);
        live_.erase(at);
    }

    Heap& heap_;
    const Clock& clock_;
    Replayed result_;
    Buffers live_;
    std::uint64_t asked_ = 0;
    std::vector<std::uint64_t> allocate_ns_;
    std::vector<std::uint64_t> free_ns_;
};

}  // namespace

Replayed replay(const Trace& trace, Heap& heap, const Clock& clock) {
    return Replayer(heap, clock).run(trace);
}

}  // namespace ion
