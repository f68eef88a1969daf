// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/model.h"

#include <utility>

#include "daemon/base/log.h"
#include "daemon/config/limit_tables.h"
#include "daemon/host/heap_setup.h"
#include "daemon/host/wall_clock.h"

namespace ion {

namespace {

/// Where a delivery's record names a request slot and an injector, there is neither.
constexpr std::uint32_t kNoSlot = 0;
constexpr std::int32_t kNoInjector = -1;

}  // namespace

Result<std::unique_ptr<Model>> Model::create(const Config& config, EventLoop& loop) {
    auto heaps = make_heaps(config, PluginSet(), State(), 0, {});
    if (!heaps) {
        return heaps.error();
    }
    auto model = std::unique_ptr<Model>(new Model(*std::move(heaps), config.personality, loop));
    model->device_.set_limits(limits_of(config.limits, kNoLimits));
    model->faults_.set(config.faults);
    return model;
}

ClientId Model::open_client(const Opener& opener) {
    Transaction tx;
    const ClientId client = device_.open_client(tx, opener);
    (void)device_.commit(std::move(tx));
    return client;
}

void Model::close_client(ClientId client) {
    Transaction tx;
    if (device_.close_client(tx, client)) {
        (void)device_.commit(std::move(tx));
    }
}

FaultVerdict Model::judge(ClientId client, const abi::Decoded& request) {
    const auto subject = service_.fault_subject(request);
    return subject ? faults_.judge(client, *subject) : FaultVerdict{};
}

Verdict Model::serve(ClientId client, const abi::Decoded& request, const CallerFacts& facts) {
    Transaction tx;
    tx.unix_ms = unix_ms();
    Outcome outcome = service_.serve(tx, client, request, facts);
    const auto* failed = std::get_if<Answer>(&outcome);
    if (failed != nullptr && failed->error == ENOMEM) {
        reaper_.sweep();
        tx = {};
        tx.unix_ms = unix_ms();
        outcome = service_.serve(tx, client, request, facts);
    }
    if (const auto* what = std::get_if<HandOver>(&outcome)) {
        return hand_over(client, *what, std::move(tx));
    }
    if (auto* answer = std::get_if<Answer>(&outcome)) {
        if (answer->refused) {
            ION_DEBUG("run", "ALLOC of client {} refused: {}", client.value, answer->refused->error.context);
        }
        (void)device_.commit(std::move(tx));
        return std::move(*answer);
    }
    if (auto* identity = std::get_if<NeedIdentity>(&outcome)) {
        return *identity;
    }
    if (auto* range = std::get_if<NeedRangeCheck>(&outcome)) {
        return *range;
    }
    if (auto* write = std::get_if<NeedWrite>(&outcome)) {
        return std::move(*write);
    }
    return Answer{ENOTTY,
                  {}};  // a channel, where every descriptor gets into every caller; a driver's command
}

Verdict Model::hand_over(ClientId client, const HandOver& what, Transaction tx) {
    const std::uint64_t number = next_delivery_++;
    tx.records.emplace_back(DeliveryStarted{number, kNoSlot, kNoInjector, client, what.buffer, {}});
    (void)device_.commit(std::move(tx));
    auto exported = device_.open_export(what.buffer);
    if (!exported) {
        ION_DEBUG("run", "no descriptor for buffer {}: {}", what.buffer.value, exported.error().context);
        delivered(number);
        return Answer{exported.error().code, {}};
    }
    return Delivery{number, *std::move(exported), what.failure_writes_errno};
}

void Model::delivered(std::uint64_t delivery) {
    Transaction tx;
    tx.records.emplace_back(DeliveryEnded{delivery});
    (void)device_.commit(std::move(tx));
}

bool Model::is_memfd_buffer(FileId file) const {
    const auto id = device_.state().buffer_of(file);
    return id && device_.state().buffer(*id)->made.exporter == ExporterKind::kMemfd;
}

bool Model::empty() const {
    return device_.state().clients().empty() && device_.state().buffers().empty();
}

}  // namespace ion
