// SPDX-License-Identifier: Apache-2.0
//
// Model: the device of one program tree. The same core, heaps and service as the daemon's, kept in this process alone:
// nothing of it outlives the supervisor.

#pragma once

#include <memory>
#include <string>
#include <variant>

#include "daemon/abi/decode.h"
#include "daemon/abi/request.h"
#include "daemon/config/config.h"
#include "daemon/core/device.h"
#include "daemon/host/reaper.h"
#include "daemon/service/ion_service.h"

namespace ion {

/// A buffer on its way to the caller. The model keeps it until delivered() is told its number.
struct Delivery {
    std::uint64_t number = 0;
    UniqueFd fd;                        ///< the caller's; close it before delivered()
    bool failure_writes_errno = false;  ///< see HandOver
};

/// What to do for a request: find out something and serve it again, or bring it to its end.
using Verdict = std::variant<NeedIdentity, NeedRangeCheck, NeedWrite, Answer, Delivery>;

/// The loop thread only; the loop outlives it.
class Model {
  public:
    /// Errors: what a heap says about its configuration.
    static Result<std::unique_ptr<Model>> create(const Config& config, EventLoop& loop);

    [[nodiscard]] ClientId open_client(const Opener& opener);
    void close_client(ClientId client);

    /// What fault rules do to a request; to be asked once, before serve(), which gets its faults among the facts.
    [[nodiscard]] FaultVerdict judge(ClientId client, const abi::Decoded& request);

    [[nodiscard]] Verdict serve(ClientId client, const abi::Decoded& request, const CallerFacts& facts);
    void delivered(std::uint64_t delivery);

    /// The errno for a command that decode() refused with `error`.
    [[nodiscard]] int refusal(ClientId client, std::uint32_t command, int error) const {
        return service_.refusal(client, command, error);
    }

    /// True for a buffer whose descriptors are those of memfds, which do not know DMA_BUF_IOCTL_SYNC.
    [[nodiscard]] bool is_memfd_buffer(FileId file) const;

    /// After each loop turn.
    void turn() { reaper_.turn(); }

    /// Looks at every buffer that might be idle; at most once per 10 ms.
    void sweep() { reaper_.sweep(); }

    /// How requests are to be decoded. Any thread.
    [[nodiscard]] abi::DecodeOptions decoding() const { return decoding_; }

    /// True when nobody has the device open, and no buffer is left.
    [[nodiscard]] bool empty() const;

    [[nodiscard]] Snapshot snapshot() const { return device_.snapshot(); }

  private:
    /// A record need not be kept where nobody takes the state over.
    class NoLog final : public CommitLog {
      public:
        Result<void> append(std::span<const Record> /*records*/) override { return {}; }
    };

    Model(HeapSet heaps, Personality personality, EventLoop& loop)
        : decoding_{.linux_5_10 = personality == Personality::kLinux510},
          heaps_(std::move(heaps)),
          service_(device_, personality),
          reaper_(device_, loop) {}

    Verdict hand_over(ClientId client, const HandOver& what, Transaction tx);

    const abi::DecodeOptions decoding_;
    NoLog log_;
    HeapSet heaps_;
    Device device_{heaps_, log_};
    Faults faults_{device_};
    IonService service_;
    Reaper reaper_;
    std::uint64_t next_delivery_ = 1;
};

}  // namespace ion
