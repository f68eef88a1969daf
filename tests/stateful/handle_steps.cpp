// SPDX-License-Identifier: Apache-2.0
//
// ModelRun: steps with the device, allocations and handles.

#include "tests/stateful/model_run.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace ion::test {
namespace {

struct Heap {
    std::uint32_t bit;
    const char* name;
};
/// Of the default configuration, in the order in which a mask tries them.
constexpr Heap kHeaps[] = {{1U << 4, "cma"}, {1U << 2, "carveout"}, {1U << 0, "system"}};
constexpr std::uint32_t kNoHeap = 1U << 20;

constexpr std::size_t kLongest = 48 * 1024;  // bytes of a buffer
constexpr std::int32_t kClosed = 1000;       // no puppet has so many descriptors

const char* heap_of(std::uint32_t mask) {
    return std::ranges::find_if(kHeaps, [=](const Heap& heap) { return (mask & heap.bit) != 0; })->name;
}

std::uint64_t pages(std::uint64_t length) {
    return (length + 4095) / 4096 * 4096;
}

}  // namespace

void ModelRun::open_device() {
    if (clients_.size() >= kMostClients) {
        return;
    }
    const std::size_t puppet = below(kPuppets);
    if (const auto report = act(puppet, {.act = Act::kOpen})) {
        const ClientId client{next_client_++};
        clients_[client] = {puppet, static_cast<std::int32_t>(report->value)};
        model_.clients[client] = {};
    }
}

void ModelRun::close_device(ClientId client) {
    const OpenDevice device = clients_.at(client);
    if (act(device.puppet, {.act = Act::kClose, .fd = device.fd})) {
        model_.close(client);
        clients_.erase(client);
        forget_unheld();
    }
}

BufferId ModelRun::make_buffer(const Order& order) {
    const BufferId buffer{next_buffer_++};
    model_.buffers[buffer] = {.size = pages(order.length), .flags = order.flags};
    contents_[buffer] = {heap_of(order.heap_mask), 0};
    return buffer;
}

void ModelRun::allocate(ClientId client) {
    if (model_.buffers.size() >= kMostBuffers) {
        return;
    }
    Order order = order_for(Act::kAlloc, client);
    order.length = 1 + below(kLongest);
    order.heap_mask = kHeaps[below(std::size(kHeaps))].bit | kHeaps[below(std::size(kHeaps))].bit;
    order.flags = below(4);
    const auto report = act(clients_.at(client).puppet, order);
    if (!report) {
        return;
    }
    if (report->value != model_.lowest_free(client)) {
        differ("handle " + std::to_string(report->value));
        return;
    }
    const BufferId buffer = make_buffer(order);
    model_.add_handle(client, buffer);
    model_.clients.at(client).used_handles = true;
}

void ModelRun::allocate_fd(ClientId client) {
    if (model_.buffers.size() >= kMostBuffers) {
        return;
    }
    Order order = order_for(Act::kAllocFd, client);
    order.length = 1 + below(kLongest);
    order.heap_mask = kHeaps[below(std::size(kHeaps))].bit;
    if (const auto report = act(clients_.at(client).puppet, order)) {
        const BufferId buffer = make_buffer(order);
        model_.clients.at(client).charged.insert(buffer);
        add_descriptor(clients_.at(client).puppet, report->value, buffer);
    }
}

void ModelRun::allocate_wrongly(ClientId client) {
    if (clients_.empty()) {
        return;
    }
    struct Mistake {
        std::uint64_t length;
        std::uint32_t mask;
        int error;
    };
    static constexpr Mistake kMistakes[] = {
        {0, 1, EINVAL}, {4096, kNoHeap, ENODEV}, {4096, 0, ENODEV}, {1ULL << 50, 1, ENOMEM}};
    const Mistake& mistake = kMistakes[below(std::size(kMistakes))];
    Order order = order_for(below(2) == 0 ? Act::kAlloc : Act::kAllocFd, client);
    order.length = mistake.length;
    order.heap_mask = mistake.mask;
    if (act(clients_.at(client).puppet, order, mistake.error) && order.act == Act::kAlloc) {
        model_.clients.at(client).used_handles = true;
    }
}

void ModelRun::free_handle(ClientId client) {
    if (model_.clients.at(client).handles.empty()) {
        return;
    }
    Order order = order_for(Act::kFree, client);
    order.handle = any(model_.clients.at(client).handles)->first;
    if (act(clients_.at(client).puppet, order)) {
        model_.drop_reference(client, static_cast<std::uint32_t>(order.handle));
        forget_unheld();
    }
}

void ModelRun::free_wrongly(ClientId client) {
    Order order = order_for(Act::kFree, client);
    const std::uint64_t wrong[] = {0, model_.lowest_free(client), ~0ULL, 0x7FFFFFFF};
    order.handle = wrong[below(std::size(wrong))];
    bool& used = model_.clients.at(client).used_handles;
    const bool probes = order.handle == 0;
    if (act(clients_.at(client).puppet, order, probes && !used ? ENOTTY : EINVAL)) {
        used = used || !probes;
    }
}

void ModelRun::share(ClientId client) {
    if (model_.clients.at(client).handles.empty()) {
        return;
    }
    const auto handle = any(model_.clients.at(client).handles);
    Order order = order_for(below(2) == 0 ? Act::kShare : Act::kMap, client);
    order.handle = handle->first;
    if (const auto report = act(clients_.at(client).puppet, order)) {
        add_descriptor(clients_.at(client).puppet, report->value, handle->second.buffer);
    }
}

void ModelRun::share_wrongly(ClientId client) {
    Order order = order_for(Act::kShare, client);
    order.handle = below(2) == 0 ? 0 : model_.lowest_free(client);
    if (act(clients_.at(client).puppet, order, EINVAL)) {
        model_.clients.at(client).used_handles = true;
    }
}

void ModelRun::import(ClientId client) {
    const Descriptor* descriptor = descriptor_for(client);
    if (descriptor == nullptr) {
        return;
    }
    Order order = order_for(Act::kImport, client);
    order.fd = descriptor->fd;
    const std::uint32_t known = model_.handle_of(client, descriptor->buffer);
    const auto report = act(clients_.at(client).puppet, order);
    if (!report) {
        return;
    }
    if (report->value != (known != 0 ? known : model_.lowest_free(client))) {
        differ("handle " + std::to_string(report->value));
        return;
    }
    if (known != 0) {
        ++model_.clients.at(client).handles.at(known).references;
    } else {
        model_.add_handle(client, descriptor->buffer);
    }
    model_.clients.at(client).used_handles = true;
}

void ModelRun::import_wrongly(ClientId client) {
    const std::size_t puppet = clients_.at(client).puppet;
    Order order = order_for(Act::kImport, client);
    const bool closed = below(2) == 0;
    const auto pipe = closed ? Report{0, kClosed} : act(puppet, {.act = Act::kPipe});
    if (!pipe) {
        return;
    }
    order.fd = static_cast<std::int32_t>(pipe->value);
    if (act(puppet, order, closed ? EBADF : EINVAL)) {
        model_.clients.at(client).used_handles = true;
    }
    if (!closed && difference_.empty()) {
        (void)act(puppet, {.act = Act::kClose, .fd = order.fd});
    }
}

void ModelRun::sync(ClientId client) {
    const Descriptor* descriptor = descriptor_for(client);
    Order order = order_for(Act::kSync, client);
    order.fd = descriptor == nullptr ? kClosed : descriptor->fd;
    if (act(clients_.at(client).puppet, order, descriptor == nullptr ? EBADF : 0)) {
        model_.clients.at(client).used_handles = true;
    }
}

}  // namespace ion::test
