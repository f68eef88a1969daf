// SPDX-License-Identifier: Apache-2.0
//
// CallRunner: takes each device request from its bytes to its answer. Between the steps of a request it waits
// for nobody: what must be found out about a caller is a job for an injector, and the request goes on when the
// result is there. A request that has changed nothing yet is simply done again by the next worker.

#pragma once

#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "daemon/abi/decode.h"
#include "daemon/abi/request.h"
#include "daemon/core/faults.h"
#include "daemon/deliver/injector_pool.h"
#include "daemon/host/reaper.h"
#include "daemon/loop/event_loop.h"
#include "daemon/service/ion_service.h"
#include "daemon/transport/device_handler.h"
#include "daemon/usage/refusal_log.h"
#include "daemon/worker/channels.h"
#include "daemon/worker/drivers.h"

namespace ion {

class FuseSession;

/// What a CallRunner works with; all outlive it.
struct CallRunnerParts {
    Device& device;
    const IonService& service;
    JournalHeader& header;
    InjectorPool& injectors;
    Channels& channels;
    Reaper& reaper;
    RefusalLog& refusals;
    Drivers& drivers;
    Faults& faults;
    EventLoop& loop;
    abi::DecodeOptions decoding;
};

/// The loop thread only.
class CallRunner : public DeviceHandler {
  public:
    explicit CallRunner(const CallRunnerParts& parts) : parts_(parts) {}

    /// Must be called before the first request; the session outlives this.
    void attach(FuseSession& session) { session_ = &session; }

    void open(SlotIndex slot, const RequestCaller& caller, std::uint32_t flags) override;
    void release(SlotIndex slot, std::uint64_t file) override;
    void ioctl(SlotIndex slot, const RequestCaller& caller, const IoctlRequest& request) override;
    /// If a fault rule has the request wait, it waits no longer.
    void interrupted(SlotIndex slot) override { end_delay(slot); }
    /// The process that opened the file, whatever number of files it has.
    [[nodiscard]] TurnOwner owner_of(std::uint64_t file) const override;
    void transport_ready() override;

    /// Start of a worker: true when the slot's request was answered, or is being delivered, by a former one.
    bool resume(SlotIndex slot);

    /// Called every few hundred milliseconds: a call that takes so long waits for its caller, and holds up no other of the
    /// same process any more.
    void look_at_waits();

    /// Requests in progress.
    [[nodiscard]] std::size_t in_progress() const { return calls_.size(); }

  private:
    struct OngoingCall {
        RequestCaller caller;
        IoctlRequest request;
        std::vector<abi::FetchedMemory> fetched;
        CallerFacts facts;
        bool retried = false;  // after a sweep, because memory was short
        bool seen = false;     // by look_at_waits()
        bool judged = false;   // by the fault rules
    };

    [[nodiscard]] abi::Call bytes_of(const OngoingCall& call) const;
    void step(SlotIndex slot);
    bool delayed_by_fault(SlotIndex slot, const abi::Decoded& decoded);
    void end_delay(SlotIndex slot);
    void fetch(SlotIndex slot, std::vector<abi::MemoryRange> missing);
    void serve(SlotIndex slot, const abi::Decoded& decoded, int injector);
    void carry_on(SlotIndex slot, const abi::Decoded& decoded, Outcome outcome, Transaction tx, int injector);
    void find_out(SlotIndex slot, Outcome need);
    void write_for(SlotIndex slot, NeedWrite write);
    void write_into_mapped_buffer(SlotIndex slot, const NeedWrite& write);
    bool wait_for_delivery(SlotIndex slot, int injector);
    void go_on_after_delivery(ClientId client);
    void ask_driver(SlotIndex slot, const AskDriver& what, Transaction tx);
    void run_driver(SlotIndex slot, const AskDriver& what, std::vector<std::byte> argument);
    void succeed(SlotIndex slot);
    bool write_beside_first(SlotIndex slot, const abi::Decoded& decoded);
    void ask(SlotIndex slot, Job job, std::vector<std::byte> payload,
             std::function<void(OngoingCall&, JobOutcome)> then);

    void hand_over(SlotIndex slot, const abi::Decoded& decoded, const HandOver& what, Transaction tx,
                   int injector);
    void delivered(SlotIndex slot, const Job& job, const JobOutcome& outcome);
    void begin_again(SlotIndex slot, Transaction tx);
    void report_refusal(const Job& job, const JobResult& result);
    void send_by_channel(SlotIndex slot, const abi::Decoded& decoded, BufferId buffer, Transaction tx);
    void open_channel(SlotIndex slot, const abi::Decoded& decoded, std::int32_t fd);

    void answer(SlotIndex slot, const abi::Decoded& decoded, const Answer& answer, Transaction tx);
    void answer_error(SlotIndex slot, int error, Transaction tx = {});
    void finish(SlotIndex slot, std::span<const std::byte> reply, Transaction tx,
                bool already_replied = false);

    CallRunnerParts parts_;
    FuseSession* session_ = nullptr;
    std::unordered_map<SlotIndex, OngoingCall> calls_;
    std::unordered_map<SlotIndex, Watch> delayed_;
    std::vector<SlotIndex> waiting_;  // short of memory, until a delivery to their client has ended
    std::set<std::pair<ClientId, std::uint32_t>> refusals_logged_;
};

}  // namespace ion
