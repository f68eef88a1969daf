// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/delivery.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "daemon/deliver/client_memory.h"
#include "daemon/deliver/hand_over.h"
#include "daemon/deliver/remote_calls.h"
#include "daemon/deliver/syscall_entry.h"
#include "daemon/deliver/thread_status.h"
#include "daemon/deliver/tracee.h"

namespace ion {
namespace {

void refuse(JobResult& result, Refusal reason) {
    result.error = EPERM;
    result.refused = static_cast<std::uint32_t>(reason);
}

/// Translates why a thread cannot be seized.
JobResult not_seized(JobResult result, int error) {
    switch (error) {
        case EBUSY:
            refuse(result, Refusal::kTraced);
            break;
        case EACCES:
            refuse(result, Refusal::kSeccomp);
            break;
        case EPERM:
            refuse(result, Refusal::kNotPermitted);
            break;
        default:
            result.error = error;
    }
    return result;
}

/// What is done to a thread that has stopped on its way out of the call that was answered.
class StoppedCaller {
  public:
    StoppedCaller(Tracee& tracee, const Job& job, JobResult& result)
        : tracee_(tracee), job_(job), result_(result) {}

    /// Fills in the result. The thread is detached afterwards, or dead.
    void inject(const Tracee::Stop& stop, UniqueFd descriptor, bool by_name);

  private:
    bool is_in_answered_call(const Tracee::Stop& stop);
    Result<void> change_client(UniqueFd descriptor, bool by_name);
    void set_return(const Result<int>& number);

    Tracee& tracee_;
    const Job& job_;
    JobResult& result_;
    Registers registers_{};
    const SyscallEntry* entry_ = nullptr;
};

void StoppedCaller::inject(const Tracee::Stop& stop, UniqueFd descriptor, bool by_name) {
    if (!is_in_answered_call(stop)) {
        const auto detached = tracee_.detach(stop.is_signal ? stop.signal : 0);
        if (!detached) {
            result_.error = detached.error().code;
        }
        return;
    }
    const auto done = change_client(std::move(descriptor), by_name);
    if (!done) {
        result_.error = done.error().code;  // ESRCH: killed on the way
        result_.number = -1;
    }
}

/// Whether the thread is just the one that waits for the descriptor; if not, says why in the result. Nothing
/// is changed here.
bool StoppedCaller::is_in_answered_call(const Tracee::Stop& stop) {
    result_.error = ESRCH;
    const auto registers = tracee_.registers();
    if (!registers || stop.is_signal) {
        return false;
    }
    registers_ = *registers;
    const auto code = tracee_.entry_code(registers_);
    entry_ = code ? find_entry(registers_, *code) : nullptr;
    if (entry_ == nullptr) {
        refuse(result_, Refusal::kArchitecture);
        return false;
    }
    if (!entry_->in_ioctl(registers_, job_.command, job_.argument)) {
        return false;  // another thread with a recycled id
    }
    const auto outcome = entry_->result(registers_);
    if (outcome != job_.pending_result) {  // EFAULT: the kernel could not write the struct back
        result_.error = outcome < 0 ? static_cast<std::int32_t>(-outcome) : EIO;
        return false;
    }
    const auto status =
        tracee_.suspends_seccomp() ? Result<ThreadStatus>(ThreadStatus{}) : thread_status(job_.tid);
    if (status && status->restricted) {  // by another thread (SECCOMP_FILTER_FLAG_TSYNC) since it was seized
        refuse(result_, Refusal::kSeccomp);
        return false;
    }
    result_.error = 0;
    return true;
}

Result<void> StoppedCaller::change_client(UniqueFd descriptor, bool by_name) {
    auto guarded = tracee_.guard();
    if (!guarded) {
        return guarded;
    }
    const auto mask = tracee_.block_signals();
    if (!mask) {
        return mask.error();
    }
    RemoteCalls calls(tracee_, *entry_, registers_);
    set_return(hand_over(calls, {.descriptor = descriptor.get(),
                                 .number_address = job_.number_address,
                                 .close_on_exec = job_.close_on_exec != 0,
                                 .by_name = by_name}));
    descriptor.reset();
    if (auto restored = tracee_.set_registers(registers_); !restored) {
        return restored;
    }
    if (auto restored = tracee_.set_signal_mask(*mask); !restored) {
        return restored;
    }
    return tracee_.detach();
}

void StoppedCaller::set_return(const Result<int>& number) {
    if (number) {
        result_.number = *number;
        registers_.rax = 0;
        return;
    }
    result_.error = number.error().code;
    auto returned = job_.failure_result == 1 ? 0 : -result_.error;
    if (job_.failure_writes_errno != 0) {
        const std::int32_t stored = -result_.error;
        if (!write_client(job_.tid, job_.number_address, std::as_bytes(std::span(&stored, 1)))) {
            returned = -EFAULT;
        }
    }
    registers_.rax = static_cast<unsigned long long>(static_cast<long long>(returned));
}

/// Writes the reply. Success: the call is over. ESRCH: there is no such call any more.
Result<void> answer(int target, std::span<const std::byte> reply) {
    if (::write(target, reply.data(), reply.size()) >= 0) {
        return {};
    }
    const bool gone = errno == ENOENT || errno == ENODEV;  // this request, or all of them with their device
    return fail_errno(gone ? ESRCH : errno, "reply");
}

}  // namespace

Delivery deliver(const Job& job, std::span<const std::byte> reply, UniqueFd descriptor,
                 const InjectorSetup& setup) {
    Delivery delivery{.result = {.id = job.id}};
    auto& result = delivery.result;
    auto tracee = Tracee::seize(job.tid);
    if (!tracee) {
        result = not_seized(result, tracee.error().code);
        return delivery;
    }
    // Before the reply: afterwards the thread could be back in user mode.
    if (const auto interrupted = tracee->interrupt(); !interrupted) {
        result.error = interrupted.error().code;
        return delivery;
    }
    const auto answered = answer(setup.reply_targets[job.reply_target], reply);
    if (!answered && answered.error().code != ESRCH) {
        result.error = answered.error().code;
        delivery.attached = true;
        return delivery;
    }
    result.replied = 1;
    const auto stop = tracee->wait(setup.stop_timeout_ms);
    if (!stop) {
        result.error = stop.error().code;
        delivery.attached = result.error == ETIMEDOUT;
        return delivery;
    }
    if (answered) {
        StoppedCaller(*tracee, job, result).inject(*stop, std::move(descriptor), setup.by_name);
    } else {
        result.error = ESRCH;
        (void)tracee->detach(stop->is_signal ? stop->signal : 0).has_value();
    }
    return delivery;
}

}  // namespace ion
