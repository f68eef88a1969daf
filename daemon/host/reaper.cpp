// SPDX-License-Identifier: Apache-2.0

#include "daemon/host/reaper.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <string>
#include <utility>

#include "daemon/base/log.h"

namespace ion {

namespace {

/// Looks per tick, of each kind. At 8 us each (an fdinfo read) and 20 ticks a second, at most 6 % of one core: up to 8,000
/// dma-bufs are looked at within a second of their end, more take longer.
constexpr std::chrono::milliseconds kTick{50};
constexpr std::size_t kLooksPerTick = 400;
constexpr std::chrono::milliseconds kSweepInterval{10};

}  // namespace

Reaper::Reaper(Device& device, EventLoop& loop)
    : device_(device), loop_(loop), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (inotify_) {
        inotify_watch_ = loop_.on_readable(inotify_.get(), [this] { announced(); });
    }
    timer_ = loop_.every(kTick, [this] { look_at_some(); });
}

void Reaper::turn() {
    for (const BufferId buffer : device_.take_unreferenced()) {
        consider(buffer);
    }
}

void Reaper::consider(BufferId id) {
    const Buffer* buffer = device_.state().buffer(id);
    if (buffer == nullptr || !State::unreferenced(*buffer) || device_.release_if_idle(id)) {
        return;
    }
    watch(id);
    if (!device_.release_if_idle(id) && watch_of_.contains(id)) {
        look_again(id);  // its end may have been announced before the watch
    }
}

void Reaper::watch(BufferId id) {
    const Backing* backing = device_.backing(id);
    if (backing == nullptr) {
        return;  // could not be restored, nor dropped with the journal full: left to the next worker
    }
    const Memory& memory = backing->memory();
    if (memory.kind() == ExporterKind::kMemfd && inotify_) {
        if (watch_of_.contains(id)) {
            return;
        }
        const std::string path = "/proc/self/fd/" + std::to_string(memory.fd());
        const int number =
            ::inotify_add_watch(inotify_.get(), path.c_str(), IN_CLOSE_WRITE | IN_CLOSE_NOWRITE);
        if (number >= 0) {
            by_watch_[number] = id;
            watch_of_[id] = number;
            return;
        }
        ION_DEBUG("worker", "inotify: {}; buffer {} is looked at in turn", std::strerror(errno), id.value);
    }
    if (in_turn_.insert(id).second) {
        looked_at_in_turn_.push_back(id);
    }
}

/// The event comes before the kernel has dropped the file's last claim. Between the two lie microseconds, unless the
/// one that closes it loses its processor there.
void Reaper::look_again(BufferId id) {
    if (looks_left_.insert_or_assign(id, kLooksAtAnEnd).second) {
        ends_.push_back(id);
    }
}

void Reaper::announced() {
    alignas(inotify_event) std::array<char, 64 * (sizeof(inotify_event) + NAME_MAX + 1)> room;
    const ssize_t size = ::read(inotify_.get(), room.data(), room.size());
    for (ssize_t at = 0; at + static_cast<ssize_t>(sizeof(inotify_event)) <= size;) {
        inotify_event event{};
        std::memcpy(&event, room.data() + at, sizeof(event));
        at += static_cast<ssize_t>(sizeof(event) + event.len);
        if ((event.mask & IN_Q_OVERFLOW) != 0) {
            last_sweep_ = {};
            sweep();
            continue;
        }
        const auto found = by_watch_.find(event.wd);
        if (found == by_watch_.end()) {
            continue;
        }
        const BufferId id = found->second;
        if ((event.mask & IN_IGNORED) != 0) {  // its inode is gone: it was released
            watch_of_.erase(id);
            by_watch_.erase(found);
        } else if (!device_.release_if_idle(id)) {
            look_again(id);
        }
    }
}

void Reaper::look_at_ends() {
    for (std::size_t i = std::min(kLooksPerTick, ends_.size()); i > 0; --i) {
        const BufferId id = ends_.front();
        ends_.pop_front();
        if (device_.release_if_idle(id) || --looks_left_.at(id) == 0) {
            looks_left_.erase(id);
        } else {
            ends_.push_back(id);
        }
    }
}

void Reaper::look_at_some() {
    look_at_ends();
    for (std::size_t i = std::min(kLooksPerTick, looked_at_in_turn_.size()); i > 0; --i) {
        const BufferId id = looked_at_in_turn_.front();
        looked_at_in_turn_.pop_front();
        const Buffer* buffer = device_.state().buffer(id);
        if (buffer == nullptr || !State::unreferenced(*buffer) || device_.release_if_idle(id)) {
            in_turn_.erase(id);
        } else {
            looked_at_in_turn_.push_back(id);
        }
    }
}

void Reaper::sweep() {
    turn();  // what became unreferenced in this loop turn is not known here yet
    const auto now = std::chrono::steady_clock::now();
    if (now - last_sweep_ < kSweepInterval) {
        return;
    }
    last_sweep_ = now;
    std::vector<BufferId> candidates(looked_at_in_turn_.begin(), looked_at_in_turn_.end());
    for (const auto& [id, number] : watch_of_) {
        candidates.push_back(id);
    }
    for (const BufferId id : candidates) {
        (void)device_.release_if_idle(id);
    }
}

}  // namespace ion
