// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/state.h"

#include <algorithm>

namespace ion {

namespace {

constexpr Amounts kOneHandle{.bytes = 0, .buffers = 0, .handles = 1};

Amounts amounts_of(const Buffer& buffer) {
    return {.bytes = buffer.made.size, .buffers = 1, .handles = 0};
}

}  // namespace

bool State::apply(const Record& record) {
    return std::visit([this](const auto& one) { return on(one); }, record);
}

const Client* State::client(ClientId id) const {
    const auto found = clients_.find(id);
    return found == clients_.end() ? nullptr : &found->second;
}

const Buffer* State::buffer(BufferId id) const {
    const auto found = buffers_.find(id);
    return found == buffers_.end() ? nullptr : &found->second;
}

std::optional<BufferId> State::buffer_of(FileId file) const {
    const auto found = by_file_.find(file);
    return found == by_file_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<BufferId> State::buffer_seen(FileId file, BufferId next) const {
    const auto found = buffer_of(file);
    return found && *found < next ? found : std::nullopt;
}

const Channel* State::channel(ClientId client, std::int32_t pid) const {
    const auto found = channels_.find({client, pid});
    return found == channels_.end() ? nullptr : &found->second;
}

HeapTotals State::totals(HeapId heap) const {
    const auto found = totals_.find(heap);
    return found == totals_.end() ? HeapTotals{} : found->second;
}

std::uint32_t State::protections(HeapId heap) const {
    const auto found = secured_.find(heap);
    return found == secured_.end() ? 0 : found->second;
}

std::string Client::name() const {
    return kernel_name.empty() ? std::to_string(opened.pid) : kernel_name;
}

std::uint32_t State::next_serial(const std::string& kernel_name) const {
    std::uint32_t next = 0;
    for (const auto& [id, client] : clients_) {
        if (client.kernel_name == kernel_name) {
            next = std::max(next, client.opened.serial + 1);
        }
    }
    return next;
}

std::uint32_t State::next_serial(std::int32_t pid) const {
    std::uint32_t next = 0;
    for (const auto& [id, client] : clients_) {
        if (client.opened.pid == pid && client.kernel_name.empty()) {
            next = std::max(next, client.opened.serial + 1);
        }
    }
    return next;
}

void State::note_if_unreferenced(const Buffer& buffer) {
    if (unreferenced(buffer)) {
        unreferenced_.push_back(buffer.made.buffer);
    }
}

void State::gain(Client& client, const Buffer& buffer) {
    client.holdings.bytes[buffer.made.heap] += buffer.made.size;
    client.holdings.total_bytes += buffer.made.size;
    gained_.insert(client.opened.client);
}

void State::lose(Client& client, const Buffer& buffer) {
    const auto heap = client.holdings.bytes.find(buffer.made.heap);
    heap->second -= buffer.made.size;
    if (heap->second == 0) {
        client.holdings.bytes.erase(heap);
    }
    client.holdings.total_bytes -= buffer.made.size;
    ++client.holdings.losses;
}

void State::drop_handle(Client& client, BufferId id) {
    const auto found = buffers_.find(id);
    if (found == buffers_.end()) {
        return;
    }
    Buffer& buffer = found->second;
    if (!client.owned.contains(id)) {
        lose(client, buffer);
    }
    charges_.remove(payer_of(client), buffer.made.heap, kOneHandle);
    if (--buffer.holders == 0) {
        buffer.made.pid = client.opened.pid;
        buffer.made.comm = client.opened.comm;
    }
    note_if_unreferenced(buffer);
}

bool State::on(const ClientOpened& record) {
    if (record.client.value == 0) {
        return false;  // 0 says "no client" in other records
    }
    counters_.next_client = std::max(counters_.next_client, record.client.value + 1);
    const auto [client, is_new] = clients_.try_emplace(record.client, Client{record, {}, {}, false, {}, {}});
    if (is_new) {
        charges_.open(payer_of(client->second));
    }
    return is_new;
}

bool State::on(const KernelClientOpened& record) {
    ClientOpened opened{record.client, 0, record.serial, {}, 0, 0, 0};
    record.name.copy(opened.comm.data(), opened.comm.size() - 1);
    if (record.name.empty() || !on(opened)) {
        return false;
    }
    clients_.at(record.client).kernel_name = record.name;
    return true;
}

bool State::on(const ClientClosed& record) {
    const auto found = clients_.find(record.client);
    if (found == clients_.end()) {
        return false;
    }
    Client& client = found->second;
    client.handles.for_each([&](HandleId, const Handle& handle) { drop_handle(client, handle.buffer); });
    for (const BufferId owned : client.owned) {
        if (const auto buffer = buffers_.find(owned); buffer != buffers_.end()) {
            buffer->second.made.owner = ClientId{};
            note_if_unreferenced(buffer->second);
        }
    }
    for (auto one = channels_.lower_bound({record.client, INT32_MIN});
         one != channels_.end() && one->first.first == record.client;) {
        one = channels_.erase(one);
    }
    charges_.close(payer_of(client));
    gained_.erase(record.client);
    clients_.erase(found);
    return true;
}

bool State::on(const ClientUsedHandles& record) {
    const auto found = clients_.find(record.client);
    if (found == clients_.end()) {
        return false;
    }
    found->second.used_handles = true;
    return true;
}

bool State::on(const BufferCreated& record) {
    if (record.size == 0 || record.size > kMostBufferBytes) {
        return false;
    }
    counters_.next_buffer = std::max(counters_.next_buffer, record.buffer.value + 1);
    const auto [made, is_new] = buffers_.try_emplace(record.buffer, Buffer{record, 0, 0, false, {}});
    if (!is_new) {
        return false;
    }
    HeapTotals& totals = totals_[record.heap];
    ++totals.buffers;
    totals.bytes += record.size;
    totals.peak_bytes = std::max(totals.peak_bytes, totals.bytes);
    by_file_[record.file] = record.buffer;
    unreferenced_.push_back(record.buffer);  // until a handle or a delivery follows
    if (const auto owner = clients_.find(record.owner); owner != clients_.end()) {
        owner->second.owned.insert(record.buffer);
        gain(owner->second, made->second);
    } else {
        made->second.made.owner = ClientId{};
    }
    return true;
}

bool State::on(const BufferReleased& record) {
    const auto found = buffers_.find(record.buffer);
    if (found == buffers_.end() || !unreferenced(found->second)) {
        return false;
    }
    if (const auto owner = clients_.find(found->second.made.owner); owner != clients_.end()) {
        owner->second.owned.erase(record.buffer);
        lose(owner->second, found->second);
    }
    if (const auto file = by_file_.find(found->second.made.file);
        file != by_file_.end() && file->second == record.buffer) {
        by_file_.erase(file);
    }
    if (found->second.origin.client.value != 0) {
        charges_.remove(payer_of(found->second.origin), found->second.made.heap, amounts_of(found->second));
    }
    HeapTotals& totals = totals_[found->second.made.heap];
    --totals.buffers;
    totals.bytes -= found->second.made.size;
    buffers_.erase(found);
    return true;
}

bool State::on(const BufferExported& record) {
    const auto found = buffers_.find(record.buffer);
    if (found == buffers_.end()) {
        return false;
    }
    found->second.exported = true;
    return true;
}

bool State::on(const ClientCgroup& record) {
    const auto found = clients_.find(record.client);
    if (found == clients_.end() || found->second.handles.size() != 0) {
        return false;  // what it holds is charged already
    }
    charges_.close(payer_of(found->second));
    found->second.cgroup = record.path;
    charges_.open(payer_of(found->second));
    return true;
}

bool State::on(const BufferOrigin& record) {
    const auto found = buffers_.find(record.buffer);
    if (found == buffers_.end()) {
        return false;
    }
    Buffer& buffer = found->second;
    if (buffer.origin.client.value != 0) {
        return false;
    }
    buffer.origin = record;
    if (record.client.value != 0) {
        charges_.add(payer_of(buffer.origin), buffer.made.heap, amounts_of(buffer));
    }
    return true;
}

bool State::on(const ClientGroups& record) {
    const auto found = clients_.find(record.client);
    if (found == clients_.end()) {
        return false;
    }
    found->second.gids = record.gids;
    return true;
}

bool State::on(const BufferFlagsSet& record) {
    const auto found = buffers_.find(record.buffer);
    if (found == buffers_.end()) {
        return false;
    }
    found->second.made.flags = record.flags;
    return true;
}

bool State::on(const HandleAdded& record) {
    const auto client = clients_.find(record.client);
    const auto buffer = buffers_.find(record.buffer);
    if (client == clients_.end() || buffer == buffers_.end() ||
        !client->second.handles.add(record.handle, record.buffer)) {
        return false;
    }
    ++buffer->second.holders;
    if (!client->second.owned.contains(record.buffer)) {
        gain(client->second, buffer->second);
    }
    charges_.add(payer_of(client->second), buffer->second.made.heap, kOneHandle);
    return true;
}

bool State::on(const HandleReferenced& record) {
    const auto client = clients_.find(record.client);
    if (client == clients_.end()) {
        return false;
    }
    const Handle* handle = client->second.handles.find(record.handle);
    if (handle == nullptr) {
        return false;
    }
    const BufferId buffer = handle->buffer;
    if (!client->second.handles.reference(record.handle, record.delta)) {
        return false;
    }
    if (client->second.handles.find(record.handle) == nullptr) {
        drop_handle(client->second, buffer);
    }
    return true;
}

}  // namespace ion
