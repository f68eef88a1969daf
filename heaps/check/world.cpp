// SPDX-License-Identifier: Apache-2.0

#include "heaps/check/world.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "daemon/base/checked_math.h"
#include "daemon/base/file_id.h"
#include "heaps/check/buffer_bytes.h"

namespace ion::check {
namespace {

std::string text_of(const PlacedRange& range) {
    return fmt::format("[{:#x}, {:#x})", range.base, range.base + range.size);
}

bool overlap(const PlacedRange& a, const PlacedRange& b) {
    return a.base < b.base + b.size && b.base < a.base + a.size;
}

std::uint64_t total_of(const std::vector<PlacedRange>& ranges) {
    std::uint64_t total = 0;
    for (const PlacedRange& range : ranges) {
        total += range.size;
    }
    return total;
}

}  // namespace

std::optional<std::string> World::play(const std::vector<Step>& steps) {
    if (make()) {
        fresh_ = heap_->usage();
        for (const Step& step : steps) {
            if (broken_ || !heap_) {
                break;
            }
            take(step);
        }
        finish();
    }
    return broken_;
}

void World::broke(Rule rule, std::string what) {
    if (rule == rule_ && !broken_) {
        broken_ = std::move(what);
    }
}

bool World::make() {
    auto heap = subject_.make();
    if (!heap) {
        broke(rule_, "no heap can be made: " + heap.error().context);
        return false;
    }
    heap_ = *std::move(heap);
    return true;
}

void World::take(const Step& step) {
    switch (step.kind) {
        case StepKind::kAllocate:
            allocate(step);
            break;
        case StepKind::kFree:
            if (!live_.empty()) {
                free(step.which % static_cast<std::uint32_t>(live_.size()));
            }
            break;
        case StepKind::kRestart:
            restart();
            break;
    }
    if (heap_) {
        check_usage();
    }
}

void World::allocate(const Step& step) {
    const std::uint64_t align = step.align_log2 == 0 ? 0 : kPageSize << step.align_log2;
    Buffer buffer{.backing = nullptr,
                  .request = {.size_bytes = step.pages * kPageSize, .align_bytes = align},
                  .placement = {}};
    auto backing = heap_->allocate(buffer.request);
    if (!backing) {
        const int code = backing.error().code;
        if (code != ENOMEM && code != EINVAL && code != EPERM) {
            broke(Rule::kPlaced,
                  fmt::format("refused with errno {}, which is neither ENOMEM nor EINVAL", code));
        }
        return;
    }
    buffer.backing = *std::move(backing);
    if (buffer.backing == nullptr) {
        broke(rule_, "a success without a buffer");
        return;
    }
    const auto placement = buffer.backing->placement();
    buffer.placement.assign(placement.begin(), placement.end());
    check_new(buffer);
    live_.push_back(std::move(buffer));
}

void World::free(std::uint32_t which) {
    check_content(live_[which]);
    live_.erase(live_.begin() + which);
}

void World::finish() {
    while (!broken_ && heap_ && !live_.empty()) {
        free(static_cast<std::uint32_t>(live_.size()) - 1);
    }
    live_.clear();
    if (heap_) {
        const HeapUsage usage = heap_->usage();
        if (usage.allocated != 0) {
            broke(Rule::kReleased,
                  fmt::format("{} bytes stay allocated after everything was given back", usage.allocated));
        }
        if (usage.largest_free != fresh_.largest_free) {
            broke(Rule::kReleased,
                  fmt::format("the largest free run of the empty heap is {} bytes; of a new one, {}",
                              usage.largest_free, fresh_.largest_free));
        }
    }
    heap_.reset();
}

void World::check_new(Buffer& buffer) {
    check_placement(buffer);
    check_export(buffer);
    const auto bytes = BufferBytes::map(*buffer.backing, buffer.request.size_bytes);
    if (!bytes) {
        broke(Rule::kExported, bytes.error().context);
        return;
    }
    if (const std::size_t at = bytes->first_other_than(std::byte{}); at != bytes->all().size()) {
        broke(Rule::kZeroed,
              fmt::format("a new buffer of {} bytes has {:#x} at offset {:#x}", bytes->all().size(),
                          std::to_integer<unsigned>(bytes->all()[at]), at));
    }
    buffer.content = static_cast<std::byte>(1 + made_++ % 255);
    bytes->fill(buffer.content);
}

void World::check_export(const Buffer& buffer) {
    const Memory& memory = buffer.backing->memory();
    if (buffer.backing->size() != buffer.request.size_bytes) {
        broke(Rule::kExported,
              fmt::format("size() is {}, asked were {}", buffer.backing->size(), buffer.request.size_bytes));
    }
    if (!memory.idle()) {
        broke(Rule::kExported, "a new buffer is not idle");
    }
    {
        const auto exported = memory.open_export();
        if (!exported) {
            broke(Rule::kExported, "no descriptor: " + exported.error().context);
            return;
        }
        const auto id = file_id_of(exported->get());
        if (!id || *id != memory.id()) {
            broke(Rule::kExported, "a descriptor does not identify as the memory's id()");
        }
        const auto size = ::lseek(exported->get(), 0, SEEK_END);
        if (size < 0 || static_cast<std::uint64_t>(size) < buffer.request.size_bytes) {
            broke(Rule::kExported, fmt::format("a descriptor has {} bytes", size));
        }
        if ((::fcntl(exported->get(), F_GETFL) & O_ACCMODE) != O_RDWR ||
            ::fcntl(exported->get(), F_GETFD) != FD_CLOEXEC) {
            broke(Rule::kExported, "a descriptor is not read-write and close-on-exec");
        }
        if (memory.idle()) {
            broke(Rule::kExported, "idle() while a client's descriptor is open");
        }
    }
    if (!memory.idle()) {
        broke(Rule::kExported, "not idle() after the last descriptor was closed");
    }
}

void World::check_placement(const Buffer& buffer) {
    if (!heap_->has_addresses()) {
        if (!buffer.placement.empty()) {
            broke(Rule::kPlaced, "a heap without addresses gives a placement");
        }
        return;
    }
    if (total_of(buffer.placement) < buffer.request.size_bytes) {
        broke(Rule::kPlaced, fmt::format("{} bytes were asked for, the placement has {}",
                                         buffer.request.size_bytes, total_of(buffer.placement)));
    }
    const PlacedRange region = subject_.region;
    for (const PlacedRange& range : buffer.placement) {
        if (range.size == 0 || range.base % kPageSize != 0 || range.size % kPageSize != 0) {
            broke(Rule::kPlaced, text_of(range) + " is not of whole pages");
        }
        if (range.base < region.base || range.size > region.size ||
            range.base - region.base > region.size - range.size) {
            broke(Rule::kPlaced, text_of(range) + " is not within the region " + text_of(region));
        }
        if (buffer.request.align_bytes > kPageSize && range.base % buffer.request.align_bytes != 0) {
            broke(Rule::kAligned,
                  fmt::format("{} is not aligned to {:#x}", text_of(range), buffer.request.align_bytes));
        }
        for (const Buffer& other : live_) {
            for (const PlacedRange& taken : other.placement) {
                if (overlap(range, taken)) {
                    broke(Rule::kPlaced,
                          fmt::format("{} overlaps {} of a live buffer", text_of(range), text_of(taken)));
                }
            }
        }
    }
}

void World::check_content(const Buffer& buffer) {
    const auto bytes = BufferBytes::map(*buffer.backing, buffer.request.size_bytes);
    if (!bytes) {
        broke(Rule::kExported, bytes.error().context);
        return;
    }
    if (const std::size_t at = bytes->first_other_than(buffer.content); at != bytes->all().size()) {
        broke(Rule::kSeparate, fmt::format("a buffer of {} bytes filled with {:#x} has {:#x} at offset {:#x}",
                                           bytes->all().size(), std::to_integer<unsigned>(buffer.content),
                                           std::to_integer<unsigned>(bytes->all()[at]), at));
    }
}

void World::check_usage() {
    const HeapUsage usage = heap_->usage();
    std::uint64_t expected = 0;
    for (const Buffer& buffer : live_) {
        expected += heap_->has_addresses() ? total_of(buffer.placement) : buffer.request.size_bytes;
    }
    if (usage.allocated != expected) {
        broke(Rule::kAccounted,
              fmt::format("usage().allocated is {}, live buffers have {}", usage.allocated, expected));
    }
    if (heap_->has_addresses() && (usage.total != subject_.region.size || usage.allocated > usage.total ||
                                   usage.largest_free > usage.total - usage.allocated)) {
        broke(Rule::kAccounted,
              fmt::format("usage() says total {}, allocated {}, largest free {}; the region has {}",
                          usage.total, usage.allocated, usage.largest_free, subject_.region.size));
    }
}

}  // namespace ion::check
