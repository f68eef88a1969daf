// SPDX-License-Identifier: Apache-2.0
//
// CallRunner: open, release, and the steps of an ioctl up to its outcome.

#include "daemon/worker/call_runner.h"

#include <algorithm>
#include <ctime>

#include "daemon/base/log.h"
#include "daemon/host/process_info.h"
#include "daemon/host/wall_clock.h"
#include "daemon/transport/fuse_session.h"
#include "daemon/transport/reply.h"
#include "daemon/worker/buffer_memory.h"

namespace ion {

void CallRunner::open(SlotIndex slot, const RequestCaller& caller, std::uint32_t flags) {
    const ProcessInfo process = process_of_thread(caller.pid);
    Transaction tx;
    const ClientId client =
        parts_.device.open_client(tx, Opener{process.pid, process.comm, caller.uid, caller.gid, flags,
                                             cgroup_of(process.pid), groups_of(caller.pid)});
    finish(slot, open_reply(session_->unique_of(slot), client.value, false), std::move(tx));
}

void CallRunner::release(SlotIndex slot, std::uint64_t file) {
    Transaction tx;
    const bool known = parts_.device.close_client(tx, ClientId{file}).has_value();
    finish(slot, error_reply(session_->unique_of(slot), 0), std::move(tx));
    if (known) {
        parts_.channels.forget(ClientId{file});
        std::erase_if(refusals_logged_, [&](const auto& one) { return one.first == ClientId{file}; });
    }
}

TurnOwner CallRunner::owner_of(std::uint64_t file) const {
    constexpr TurnOwner kFiles = 1ULL << 32;  // beyond all process ids
    const Client* client = parts_.device.state().client(ClientId{file});
    return client == nullptr || client->opened.pid <= 0 ? kFiles + file
                                                        : static_cast<TurnOwner>(client->opened.pid);
}

void CallRunner::transport_ready() {
    parts_.header.ready.store(1);
}

void CallRunner::ioctl(SlotIndex slot, const RequestCaller& caller, const IoctlRequest& request) {
    calls_[slot] = OngoingCall{caller, request, {}, {}};
    step(slot);
}

void CallRunner::look_at_waits() {
    for (auto& [slot, call] : calls_) {
        if (std::exchange(call.seen, true)) {
            session_->gives_way(slot);
        }
    }
}

abi::Call CallRunner::bytes_of(const OngoingCall& call) const {
    return abi::Call{call.request.command, call.request.compat, call.request.argument, call.request.input,
                     call.fetched};
}

void CallRunner::step(SlotIndex slot) {
    const OngoingCall& call = calls_.at(slot);
    auto result = abi::decode(bytes_of(call), parts_.decoding);
    if (const auto* need = std::get_if<abi::NeedMemory>(&result)) {
        fetch(slot, need->ranges);
    } else if (const auto* malformed = std::get_if<abi::Malformed>(&result)) {
        answer_error(slot, parts_.service.refusal(ClientId{call.request.file}, call.request.command,
                                                  malformed->error));
    } else {
        const auto& decoded = std::get<abi::Decoded>(result);
        if (delayed_by_fault(slot, decoded)) {
            return;
        }
        if (IonService::hands_over(decoded)) {
            parts_.injectors.acquire([this, slot, decoded](int injector) { serve(slot, decoded, injector); });
        } else if (!write_beside_first(slot, decoded)) {
            serve(slot, decoded, -1);
        }
    }
}

/// Reads the ranges one after the other; the call is decoded again when all are there.
void CallRunner::fetch(SlotIndex slot, std::vector<abi::MemoryRange> missing) {
    if (missing.empty()) {
        step(slot);
        return;
    }
    const abi::MemoryRange range = missing.front();
    missing.erase(missing.begin());
    Job job;
    job.kind = JobKind::kRead;
    job.address = range.address;
    job.length = range.size;
    ask(slot, job, {},
        [this, slot, range, missing = std::move(missing)](OngoingCall& call, JobOutcome outcome) {
            if (outcome.result.error != 0 || outcome.bytes.size() != range.size) {
                answer_error(slot, EFAULT);
                return;
            }
            call.fetched.push_back(abi::FetchedMemory{range, std::move(outcome.bytes)});
            fetch(slot, missing);
        });
}

/// A reply that does not fit into the declared bytes (A0/A1 IMPORT of 64-bit programs: the handle's upper half,
/// always 0) is completed in the caller's memory before anything is changed.
bool CallRunner::write_beside_first(SlotIndex slot, const abi::Decoded& decoded) {
    OngoingCall& call = calls_.at(slot);
    if (!std::holds_alternative<abi::Import>(decoded.request) || call.facts.write_error) {
        return false;
    }
    auto encoded = abi::encode(bytes_of(call), decoded.outputs, abi::Outputs{0, {}, {}});
    if (encoded.extra.empty()) {
        return false;
    }
    Job job;
    job.kind = JobKind::kWrite;
    job.address = encoded.extra.front().range.address;
    ask(slot, job, std::move(encoded.extra.front().bytes),
        [this, slot](OngoingCall& ongoing, JobOutcome outcome) {
            ongoing.facts.write_error = outcome.result.error;
            if (outcome.result.error != 0) {
                answer_error(slot, EFAULT);
            } else {
                step(slot);
            }
        });
    return true;
}

void CallRunner::ask(SlotIndex slot, Job job, std::vector<std::byte> payload,
                     std::function<void(OngoingCall&, JobOutcome)> then) {
    job.tid = calls_.at(slot).caller.pid;
    parts_.injectors.acquire(
        [this, slot, job, payload = std::move(payload), then = std::move(then)](int injector) mutable {
            // Not earlier: an injector takes a number below its last one for a job that is sent again.
            job.id = parts_.header.next_job.fetch_add(1);
            parts_.injectors.run(injector, job, payload, -1, [=, this](JobOutcome outcome) {
                if (outcome.not_begun) {
                    ask(slot, job, payload, then);
                } else {
                    then(calls_.at(slot), std::move(outcome));
                }
            });
        });
}

void CallRunner::serve(SlotIndex slot, const abi::Decoded& decoded, int injector) {
    OngoingCall& call = calls_.at(slot);
    Transaction tx;
    tx.unix_ms = unix_ms();
    Outcome outcome = parts_.service.serve(tx, ClientId{call.request.file}, decoded, call.facts);
    const auto* failed = std::get_if<Answer>(&outcome);
    if (failed != nullptr && failed->error == ENOMEM && !call.retried &&
        !IonService::whole_call(call.facts)) {
        call.retried = true;
        if (!wait_for_delivery(slot, injector)) {
            parts_.reaper.sweep();
            serve(slot, decoded, injector);
        }
        return;
    }
    carry_on(slot, decoded, std::move(outcome), std::move(tx), injector);
}

/// A client may have closed a buffer before we hear that it was delivered; memory that is short may be just that.
bool CallRunner::wait_for_delivery(SlotIndex slot, int injector) {
    const std::uint64_t client = calls_.at(slot).request.file;
    const auto& deliveries = parts_.device.state().deliveries();
    if (std::ranges::none_of(deliveries,
                             [=](const auto& one) { return one.second.client.value == client; })) {
        return false;
    }
    if (injector >= 0) {
        parts_.injectors.release(injector);
    }
    waiting_.push_back(slot);
    return true;
}

void CallRunner::go_on_after_delivery(ClientId client) {
    std::vector<SlotIndex> ready;
    std::erase_if(waiting_, [&](SlotIndex slot) {
        const bool goes_on = calls_.at(slot).request.file == client.value;
        if (goes_on) {
            ready.push_back(slot);
        }
        return goes_on;
    });
    if (!ready.empty()) {
        parts_.reaper.sweep();
    }
    for (const SlotIndex slot : ready) {
        step(slot);
    }
}

void CallRunner::carry_on(SlotIndex slot, const abi::Decoded& decoded, Outcome outcome, Transaction tx,
                          int injector) {
    if (const auto* what = std::get_if<HandOver>(&outcome)) {
        hand_over(slot, decoded, *what, std::move(tx), injector);
        return;
    }
    if (injector >= 0) {
        parts_.injectors.release(injector);
    }
    if (const auto* result = std::get_if<Answer>(&outcome)) {
        answer(slot, decoded, *result, std::move(tx));
    } else if (const auto* send = std::get_if<SendByChannel>(&outcome)) {
        send_by_channel(slot, decoded, send->buffer, std::move(tx));
    } else if (const auto* channel = std::get_if<OpenChannel>(&outcome)) {
        open_channel(slot, decoded, channel->fd);
    } else if (const auto* driver = std::get_if<AskDriver>(&outcome)) {
        ask_driver(slot, *driver, std::move(tx));
    } else {
        find_out(slot, std::move(outcome));
    }
}

void CallRunner::find_out(SlotIndex slot, Outcome need) {
    Job job;
    std::function<void(CallerFacts&, const JobResult&)> note;
    if (const auto* identity = std::get_if<NeedIdentity>(&need)) {
        job.kind = JobKind::kIdentify;
        job.fd_number = identity->fd;
        note = [next = parts_.device.state().next_buffer()](CallerFacts& facts, const JobResult& found) {
            facts.identity = CallerFacts::Identity{found.error, FileId{found.device, found.inode}, next};
        };
    } else if (const auto* range = std::get_if<NeedRangeCheck>(&need)) {
        job.kind = JobKind::kCheckRange;
        job.address = range->address;
        job.length = range->length;
        note = [](CallerFacts& facts, const JobResult& found) { facts.range_error = found.error; };
    } else {
        write_for(slot, std::get<NeedWrite>(std::move(need)));
        return;
    }
    ask(slot, job, {}, [this, slot, note](OngoingCall& call, const JobOutcome& outcome) {
        note(call.facts, outcome.result);
        step(slot);
    });
}

void CallRunner::write_for(SlotIndex slot, NeedWrite write) {
    Job job;
    job.kind = JobKind::kWrite;
    job.address = write.address;
    ask(slot, job, write.bytes, [this, slot, write](OngoingCall& call, const JobOutcome& outcome) {
        if (outcome.result.error == EFAULT) {
            write_into_mapped_buffer(slot, write);
            return;
        }
        call.facts.write_error = outcome.result.error;
        step(slot);
    });
}

/// Nobody can write to a mapped dma-buf by its owner's addresses. But if it is one of ours, we can by its own.
void CallRunner::write_into_mapped_buffer(SlotIndex slot, const NeedWrite& write) {
    Job job;
    job.kind = JobKind::kCheckRange;
    job.address = write.address;
    job.length = write.bytes.size();
    const BufferId next = parts_.device.state().next_buffer();
    ask(slot, job, {}, [this, slot, write, next](OngoingCall& call, const JobOutcome& outcome) {
        const JobResult& found = outcome.result;
        const State& state = parts_.device.state();
        const auto buffer = state.buffer_seen(FileId{found.device, found.inode}, next);
        const Backing* backing = buffer ? parts_.device.backing(*buffer) : nullptr;
        call.facts.write_error = EFAULT;
        if (found.error == 0 && found.writable != 0 && backing != nullptr &&
            write_buffer(backing->memory().fd(), state.buffer(*buffer)->made.size, found.offset,
                         write.bytes)) {
            call.facts.write_error = 0;
        }
        step(slot);
    });
}

void CallRunner::answer(SlotIndex slot, const abi::Decoded& decoded, const Answer& answer, Transaction tx) {
    const OngoingCall& call = calls_.at(slot);
    const abi::Outputs& outputs = answer.outputs;
    if (answer.refused) {
        const auto& [request, error] = *answer.refused;
        ION_DEBUG("worker", "ALLOC of client {} refused: {}", call.request.file, error.context);
        parts_.refusals.note(parts_.device, ClientId{call.request.file}, request, error, ::time(nullptr));
    }
    std::vector<std::byte> data;
    if (outputs.handle || outputs.fd || outputs.value) {
        data = abi::encode(bytes_of(call), decoded.outputs, outputs).declared;
    }
    finish(slot, ioctl_reply(session_->unique_of(slot), -answer.error, data), std::move(tx));
}

void CallRunner::answer_error(SlotIndex slot, int error, Transaction tx) {
    finish(slot, error_reply(session_->unique_of(slot), error), std::move(tx));
}

void CallRunner::finish(SlotIndex slot, std::span<const std::byte> reply, Transaction tx,
                        bool already_replied) {
    calls_.erase(slot);
    if (!tx.records.empty() || tx.answers) {
        session_->slots().stage_answer(slot, reply);
        if (auto committed = parts_.device.commit(std::move(tx)); !committed) {
            session_->slots().unstage(slot);
            ION_ERROR("worker", "request refused: {}", committed.error().context);
            session_->send(slot, error_reply(session_->unique_of(slot), ENOMEM));
            return;
        }
    }
    if (already_replied) {
        session_->release(slot);
    } else {
        session_->send(slot, reply);
    }
}

}  // namespace ion
