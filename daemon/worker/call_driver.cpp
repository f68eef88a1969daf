// SPDX-License-Identifier: Apache-2.0
//
// CallRunner: CUSTOM commands that are a driver's.

#include <utility>

#include "daemon/base/log.h"
#include "daemon/transport/fuse_session.h"
#include "daemon/transport/reply.h"
#include "daemon/worker/call_runner.h"

namespace ion {

namespace {

/// For the answer of a driver's call, whose effects stand: the next worker must not make it again.
Transaction called() {
    Transaction tx;
    tx.answers = true;
    return tx;
}

}  // namespace

void CallRunner::ask_driver(SlotIndex slot, const AskDriver& what, Transaction tx) {
    const DriverCommand* command = parts_.drivers.find(what.number);
    if (command == nullptr) {
        answer_error(slot, ENOTTY, std::move(tx));
        return;
    }
    // That the client uses handles is true whatever comes of the call.
    if (auto committed = parts_.device.commit(std::move(tx)); !committed) {
        answer_error(slot, ENOMEM);
        return;
    }
    if (command->argument_size == 0) {
        run_driver(slot, what, {});
        return;
    }
    Job job;
    job.kind = JobKind::kRead;
    job.address = what.argument;
    job.length = command->argument_size;
    ask(slot, job, {}, [this, slot, what, size = job.length](OngoingCall& /*call*/, JobOutcome outcome) {
        if (outcome.result.error != 0 || outcome.bytes.size() != size) {
            answer_error(slot, EFAULT);
        } else {
            run_driver(slot, what, std::move(outcome.bytes));
        }
    });
}

void CallRunner::run_driver(SlotIndex slot, const AskDriver& what, std::vector<std::byte> argument) {
    const ClientId client{calls_.at(slot).request.file};
    const DriverCommand* command = parts_.drivers.find(what.number);
    auto done = parts_.drivers.custom(client, what.number, argument);
    if (!done) {
        ION_DEBUG("worker", "CUSTOM of client {} refused: {}", client.value, done.error().context);
        answer_error(slot, done.error().code, called());
        return;
    }
    if (!command->writes_back || argument.empty()) {
        succeed(slot);
        return;
    }
    Job job;
    job.kind = JobKind::kWrite;
    job.address = what.argument;
    ask(slot, job, std::move(argument), [this, slot](OngoingCall& /*call*/, const JobOutcome& outcome) {
        if (outcome.result.error != 0) {
            answer_error(slot, EFAULT, called());
        } else {
            succeed(slot);
        }
    });
}

void CallRunner::succeed(SlotIndex slot) {
    finish(slot, ioctl_reply(session_->unique_of(slot), 0, {}), called());
}

}  // namespace ion
