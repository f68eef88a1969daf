// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/restart_records.h"

#include <unistd.h>

#include <algorithm>

#include "daemon/core/kernel_client.h"
#include "daemon/host/heap_setup.h"
#include "daemon/worker/inherited_fds.h"

namespace ion {
namespace {

void add_injectors(const State& former, std::vector<Record>& records) {
    for (const auto& [fd, injector] : former.injectors()) {
        const bool delivering = std::ranges::any_of(
            former.deliveries(), [fd = fd](const auto& one) { return one.second.injector_fd == fd; });
        if (delivering && still_is(fd, injector.file)) {
            continue;
        }
        records.emplace_back(InjectorGone{fd});
        if (still_is(fd, injector.file)) {
            ::close(fd);
        }
    }
}

void add_channels(const State& former, std::vector<Record>& records) {
    for (const auto& [key, channel] : former.channels()) {
        if (!still_is(channel.fd, channel.file)) {
            records.emplace_back(ChannelClosed{key.first, key.second});
        }
    }
}

}  // namespace

std::vector<Record> restart_records(const State& former, const HeapSet& heaps,
                                    const CheckedConfiguration& served) {
    std::vector<Record> records = new_arenas(heaps, former);
    stage_plugins(served, former, records);
    if (!former.configuration()) {
        records.emplace_back(record_of(served));  // for a keeper that has read others
    }
    add_injectors(former, records);
    add_channels(former, records);
    for (Record& record : KernelClients::close_former(former)) {
        records.push_back(std::move(record));
    }
    return records;
}

}  // namespace ion
