// SPDX-License-Identifier: Apache-2.0
//
// The part of State that is about the daemon's own means: deliveries, channels, injectors, arenas, open usage
// files and counters; and the description of a whole State as records.

#include <algorithm>

#include "daemon/core/state.h"

namespace ion {

bool State::on(const DeliveryStarted& record) {
    const auto buffer = buffers_.find(record.buffer);
    if (buffer == buffers_.end() || !deliveries_.try_emplace(record.job, record).second) {
        return false;
    }
    ++buffer->second.deliveries;
    buffer->second.exported = true;
    return true;
}

bool State::on(const DeliveryEnded& record) {
    const auto found = deliveries_.find(record.job);
    if (found == deliveries_.end()) {
        return false;
    }
    if (const auto buffer = buffers_.find(found->second.buffer); buffer != buffers_.end()) {
        --buffer->second.deliveries;
        note_if_unreferenced(buffer->second);
    }
    deliveries_.erase(found);
    return true;
}

bool State::on(const ChannelOpened& record) {
    if (!clients_.contains(record.client)) {
        return false;
    }
    channels_[{record.client, record.pid}] = Channel{record.fd, record.file};
    return true;
}

bool State::on(const ChannelClosed& record) {
    return channels_.erase({record.client, record.pid}) == 1;
}

bool State::on(const InjectorStarted& record) {
    return injectors_.try_emplace(record.fd, record).second;
}

bool State::on(const InjectorGone& record) {
    return injectors_.erase(record.fd) == 1;
}

bool State::on(const InjectorLeft& record) {
    left_injectors_[record.tid] = record.pid;
    return true;
}

bool State::on(const LeftInjectorEnded& record) {
    return left_injectors_.erase(record.tid) == 1;
}

bool State::on(const ArenaCreated& record) {
    arenas_[record.heap] = record;
    return true;
}

bool State::on(const UsageOpened& record) {
    counters_.next_usage_file = std::max(counters_.next_usage_file, record.file + 1);
    const bool is_new = usage_files_.try_emplace(record.file, record).second;
    usage_bytes_ += is_new ? record.content.size() : 0;
    return is_new;
}

bool State::on(const UsageClosed& record) {
    const auto found = usage_files_.find(record.file);
    if (found == usage_files_.end()) {
        return false;
    }
    usage_bytes_ -= found->second.content.size();
    usage_files_.erase(found);
    return true;
}

bool State::on(const Counters& record) {
    counters_.next_client = std::max(counters_.next_client, record.next_client);
    counters_.next_buffer = std::max(counters_.next_buffer, record.next_buffer);
    counters_.next_usage_file = std::max(counters_.next_usage_file, record.next_usage_file);
    counters_.next_token = std::max(counters_.next_token, record.next_token);
    return true;
}

bool State::on(const TokenUsed& record) {
    counters_.next_token = std::max(counters_.next_token, record.token + 1);
    return true;
}

bool State::on(const HeapPeak& record) {
    HeapTotals& totals = totals_[record.heap];
    totals.peak_bytes = std::max(totals.peak_bytes, record.bytes);
    return true;
}

bool State::on(const ConfigurationSet& record) {
    configuration_ = record;
    return true;
}

bool State::on(const HeapGone& record) {
    arenas_.erase(record.heap);
    totals_.erase(record.heap);
    secured_.erase(record.heap);
    return true;
}

bool State::on(const HeapSecured& record) {
    if (record.count == 0) {
        return secured_.erase(record.heap) == 1;
    }
    secured_[record.heap] = record.count;
    return true;
}

bool State::on(const PluginLoaded& record) {
    plugins_[record.path] = record;
    return true;
}

bool State::on(const PluginGone& record) {
    return plugins_.erase(record.path) == 1;
}

bool State::on(const FaultCounted& record) {
    if (record.calls == 0) {
        return fault_counts_.erase(record.rule) == 1;
    }
    fault_counts_[record.rule] = {record.calls, record.hits};
    return true;
}

FaultCount State::fault_count(const std::string& rule) const {
    const auto found = fault_counts_.find(rule);
    return found == fault_counts_.end() ? FaultCount{} : found->second;
}

void State::describe(const std::function<void(const Record&)>& emit) const {
    for (const auto& [id, client] : clients_) {
        if (client.kernel_name.empty()) {
            emit(client.opened);
        } else {
            emit(KernelClientOpened{id, client.opened.serial, client.kernel_name});
        }
        if (client.used_handles) {
            emit(ClientUsedHandles{id});
        }
        if (!client.cgroup.empty()) {
            emit(ClientCgroup{id, client.cgroup});
        }
        if (!client.gids.empty()) {
            emit(ClientGroups{id, client.gids});
        }
    }
    for (const auto& [id, buffer] : buffers_) {
        emit(buffer.made);
        if (buffer.exported) {
            emit(BufferExported{id});
        }
        if (buffer.origin.buffer == id) {
            emit(buffer.origin);
        }
    }
    for (const auto& [id, client] : clients_) {
        client.handles.for_each([&, id = id](HandleId handle, const Handle& entry) {
            emit(HandleAdded{id, handle, entry.buffer});
            if (entry.references > 1) {
                emit(HandleReferenced{id, handle, static_cast<std::int32_t>(entry.references - 1)});
            }
        });
    }
    for (const auto& [key, channel] : channels_) {
        emit(ChannelOpened{key.first, key.second, channel.fd, channel.file});
    }
    for (const auto& [fd, injector] : injectors_) {
        emit(injector);
    }
    for (const auto& [tid, pid] : left_injectors_) {
        emit(InjectorLeft{tid, pid});
    }
    for (const auto& [job, delivery] : deliveries_) {
        emit(delivery);
    }
    for (const auto& [heap, arena] : arenas_) {
        emit(arena);
    }
    for (const auto& [file, opened] : usage_files_) {
        emit(opened);
    }
    for (const auto& [heap, totals] : totals_) {
        emit(HeapPeak{heap, totals.peak_bytes});
    }
    for (const auto& [heap, count] : secured_) {
        emit(HeapSecured{heap, count});
    }
    if (configuration_) {
        emit(*configuration_);
    }
    for (const auto& [path, plugin] : plugins_) {
        emit(plugin);
    }
    for (const auto& [rule, count] : fault_counts_) {
        emit(FaultCounted{rule, count.calls, count.hits});
    }
    emit(counters_);
}

}  // namespace ion
