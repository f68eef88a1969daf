// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/call_server.h"

#include <fcntl.h>
#include <linux/dma-buf.h>

#include <atomic>
#include <optional>

#include "daemon/base/log.h"
#include "daemon/supervise/caller.h"
#include "daemon/supervise/device_name.h"
#include "daemon/supervise/ioctl_call.h"

namespace ion {

namespace {

struct OpenArguments {
    int directory = AT_FDCWD;
    std::uint64_t path = 0;  ///< address
    std::uint64_t flags = 0;
};

/// Nothing when the flags cannot be read, which the kernel will say itself.
std::optional<OpenArguments> open_arguments(const Notification& call, const Caller& caller) {
    const auto& words = call.arguments;
    const auto directory = static_cast<std::int32_t>(words[0]);
    if (call.call == TrappedCall::kOpen) {
        return OpenArguments{AT_FDCWD, words[0], words[1]};
    }
    if (call.call == TrappedCall::kOpenat) {
        return OpenArguments{directory, words[1], words[2]};
    }
    OpenArguments arguments{directory, words[1], 0};  // struct open_how begins with the flags
    if (!caller.read(words[2], std::as_writable_bytes(std::span(&arguments.flags, 1)))) {
        return std::nullopt;
    }
    return arguments;
}

/// A program that nobody may look into (Yama, PR_SET_DUMPABLE) finds no device; say why, once.
void report_once(const Notification& call, const Error& error) {
    static std::atomic<bool> reported = false;
    if (error.code == EPERM && !reported.exchange(true)) {
        ION_WARN("run",
                 "the kernel does not allow to read the memory of thread {} (kernel.yama.ptrace_scope above "
                 "1, or a "
                 "process that made itself undumpable): it finds no device",
                 call.tid);
    }
}

/// As the kernel's dma-buf answers: a direction must be given, and nothing unknown.
int sync_result(std::uint64_t flags) {
    const bool known = (flags & ~std::uint64_t{DMA_BUF_SYNC_VALID_FLAGS_MASK}) == 0;
    return known && (flags & DMA_BUF_SYNC_RW) != 0 ? 0 : EINVAL;
}

}  // namespace

void CallServer::serve(const Notification& call) const {
    if (call.call != TrappedCall::kIoctl) {
        open(call);
    } else if (static_cast<std::uint32_t>(call.arguments[1]) == DMA_BUF_IOCTL_SYNC) {
        sync(call);
    } else {
        ioctl(call);
    }
}

void CallServer::open(const Notification& call) const {
    const Caller caller(parts_.listener, call);
    const auto arguments = open_arguments(call, caller);
    const auto path = arguments ? caller.read_path(arguments->path) : fail(EFAULT, "flags");
    if (!path) {
        report_once(call, path.error());
        parts_.listener.let_through(call);
        return;
    }
    const auto flags = static_cast<std::uint32_t>(arguments->flags);
    if ((flags & (O_PATH | O_DIRECTORY)) != 0 ||
        !leads_to_device({call.tid, arguments->directory, *path, (flags & O_NOFOLLOW) == 0},
                         parts_.device_name)) {
        parts_.listener.let_through(call);
        return;
    }
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
        parts_.listener.answer(call, EEXIST);
        return;
    }
    if ((flags & O_DIRECT) != 0) {  // the driver has none; a pipe, which stands for it, would
        parts_.listener.answer(call, EINVAL);
        return;
    }
    const Opener opener = caller.opener(flags);
    if (!parts_.listener.waits(call)) {
        return;  // what was found out may be of another process
    }
    Result<UniqueFd> file = UniqueFd();
    parts_.door.run([&] {
        const ClientId client = parts_.model.open_client(opener);
        file = parts_.files.create(client);
        if (!file) {
            parts_.model.close_client(client);
        }
    });
    // A file that does not arrive is closed here, which ends its client like any close.
    const auto answered =
        file ? parts_.listener.answer_with_descriptor(call, file->get(), (flags & O_CLOEXEC) != 0)
             : Result<void>(file.error());
    if (!answered) {
        parts_.listener.answer(call, answered.error().code);
    }
}

void CallServer::ioctl(const Notification& call) const {
    const auto file = Caller(parts_.listener, call).identify(static_cast<std::int32_t>(call.arguments[0]));
    const auto client = file ? parts_.files.find(*file) : std::nullopt;
    if (client) {
        parts_.listener.answer(call,
                               IoctlCall(parts_.listener, call, parts_.door, parts_.model, *client).serve());
    } else {
        parts_.listener.let_through(call);
    }
}

void CallServer::sync(const Notification& call) const {
    const Caller caller(parts_.listener, call);
    const auto file = caller.identify(static_cast<std::int32_t>(call.arguments[0]));
    bool ours = false;
    if (file) {
        parts_.door.run([&] { ours = parts_.model.is_memfd_buffer(*file); });
    }
    if (!ours) {
        parts_.listener.let_through(call);
        return;
    }
    std::uint64_t flags = 0;
    const bool readable =
        caller.read(call.arguments[2], std::as_writable_bytes(std::span(&flags, 1))).has_value();
    parts_.listener.answer(call, readable ? sync_result(flags) : EFAULT);
}

}  // namespace ion
