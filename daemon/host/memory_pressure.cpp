// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/memory_pressure.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "daemon/base/log.h"

namespace ion {

namespace {

/// 150 ms of 2 s, in microseconds. A window that is no multiple of 2 s would take CAP_SYS_RESOURCE.
constexpr std::string_view kTrigger = "some 150000 2000000";

}  // namespace

Result<std::unique_ptr<MemoryPressure>> MemoryPressure::watch(EventLoop& loop, const std::string& file,
                                                              std::function<void()> relieve) {
    UniqueFd trigger(::open(file.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!trigger) {
        return fail_errno(errno, "open " + file);
    }
    // With the 0 behind it, as the kernel replaces the last byte by one.
    if (::write(trigger.get(), kTrigger.data(), kTrigger.size() + 1) < 0) {
        return fail_errno(errno, "write " + file);
    }
    std::unique_ptr<MemoryPressure> pressure(new MemoryPressure(std::move(trigger)));
    auto watch = loop.on_priority(pressure->trigger_.get(), std::move(relieve));
    if (!watch) {
        return watch.error();
    }
    pressure->watch_ = *std::move(watch);
    return pressure;
}

std::uint64_t drain_pools(const HeapSet& heaps) {
    std::uint64_t bytes = 0;
    for (const RegisteredHeap& heap : heaps.all()) {
        bytes += heap.heap->can_shrink() ? heap.heap->shrink(UINT64_MAX) : 0;
    }
    return bytes;
}

std::unique_ptr<MemoryPressure> drain_under_pressure(EventLoop& loop, const HeapSet& heaps) {
    auto watched = MemoryPressure::watch(loop, kMemoryPressureFile, [&heaps] {
        if (const std::uint64_t bytes = drain_pools(heaps); bytes != 0) {
            ION_INFO("host", "memory is short: {} bytes of pools given back", bytes);
        }
    });
    if (!watched) {
        ION_INFO("host", "pools are not given back when memory is short: {}", watched.error().context);
        return nullptr;
    }
    return *std::move(watched);
}

}  // namespace ion
