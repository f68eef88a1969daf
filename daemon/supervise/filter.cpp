// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/filter.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

namespace ion {

namespace {

struct TrappedName {
    const char* name;
    TrappedCall call;
};
constexpr std::array<TrappedName, 4> kTrapped{{{"open", TrappedCall::kOpen},
                                               {"openat", TrappedCall::kOpenat},
                                               {"openat2", TrappedCall::kOpenat2},
                                               {"ioctl", TrappedCall::kIoctl}}};

/// Native first. A token of libseccomp is the AUDIT_ARCH_* of the kernel.
constexpr std::array<std::uint32_t, 2> kArchitectures{SCMP_ARCH_X86_64, SCMP_ARCH_X86};

/// An open with one of these is of no device.
constexpr scmp_datum_t kNeverADevice = O_PATH | O_DIRECTORY;

/// The byte of a command number that holds its magic, and 32-bit command numbers as such.
constexpr scmp_datum_t kMagicMask = 0xFF00;
constexpr scmp_datum_t kCommandMask = 0xFFFFFFFF;

struct FilterDeleter {
    void operator()(void* filter) const { seccomp_release(filter); }
};

Error refused(int negative_errno, const char* what) {
    return fail_errno(-negative_errno, what);
}

int add_rules(scmp_filter_ctx filter) {
    const auto notify = [&](int call, scmp_arg_cmp condition) {
        return seccomp_rule_add(filter, SCMP_ACT_NOTIFY, call, 1, condition);
    };
    const std::array results{
        notify(SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, kNeverADevice, 0)),
        notify(SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, kNeverADevice, 0)),
        seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(openat2), 0),  // its flags lie in memory
        notify(SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, kMagicMask, 'I' << 8)),
        notify(SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, kMagicMask, 'M' << 8)),
        notify(SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, kCommandMask, DMA_BUF_IOCTL_SYNC)),
    };
    for (const int result : results) {
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

/// libseccomp 2.5 can load a filter, but not with the flag for killable waits: so it only writes it out.
Result<std::vector<sock_filter>> exported(scmp_filter_ctx filter) {
    const UniqueFd file(::memfd_create("filter", MFD_CLOEXEC));
    if (!file) {
        return fail_errno(errno, "memfd_create");
    }
    if (const int result = seccomp_export_bpf(filter, file.get()); result != 0) {
        return refused(result, "seccomp_export_bpf");
    }
    const off_t size = ::lseek(file.get(), 0, SEEK_END);
    std::vector<sock_filter> program(static_cast<std::size_t>(size) / sizeof(sock_filter));
    if (::pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) != size) {
        return fail(EIO, "filter: short read");
    }
    return program;
}

}  // namespace

Result<std::vector<sock_filter>> make_filter() {
    const std::unique_ptr<void, FilterDeleter> filter(seccomp_init(SCMP_ACT_ALLOW));
    if (!filter) {
        return fail(ENOMEM, "seccomp_init");
    }
    if (seccomp_arch_native() != kArchitectures.front()) {
        return fail(ENOTSUP, "only programs for x86-64 and i386 can be supervised");
    }
    if (const int result = seccomp_arch_add(filter.get(), kArchitectures.back()); result != 0) {
        return refused(result, "seccomp_arch_add");
    }
    if (const int result = seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
        result != 0) {
        return refused(result, "seccomp_attr_set");
    }
    if (const int result = add_rules(filter.get()); result != 0) {
        return fail(ENOTSUP, "this kernel has no seccomp notifications");
    }
    return exported(filter.get());
}

std::optional<TrappedCall> trapped_call(std::uint32_t arch, int number) {
    struct Row {
        std::uint32_t arch;
        int number;
        TrappedCall call;
    };
    static const std::vector<Row> rows = [] {
        std::vector<Row> all;
        for (const std::uint32_t known : kArchitectures) {
            for (const auto& [name, call] : kTrapped) {
                all.push_back({known, seccomp_syscall_resolve_name_arch(known, name), call});
            }
        }
        return all;
    }();
    for (const Row& row : rows) {
        if (row.arch == arch && row.number == number) {
            return row.call;
        }
    }
    return std::nullopt;
}

bool is_compat(std::uint32_t arch) {
    return arch == SCMP_ARCH_X86;
}

Result<UniqueFd> enter_filter(const std::vector<sock_filter>& filter) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail_errno(errno, "PR_SET_NO_NEW_PRIVS");
    }
    const sock_fprog program{static_cast<unsigned short>(filter.size()),
                             const_cast<sock_filter*>(filter.data())};
    UniqueFd listener(static_cast<int>(
        ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                  SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program)));
    if (listener) {
        return listener;
    }
    switch (errno) {
        case EBUSY:
            return fail(
                EBUSY,
                "another seccomp supervisor (ionctl run, a container manager) serves this one already");
        case EINVAL:
            return fail(EINVAL, "the kernel is older than Linux 5.19");
        default:
            return fail_errno(errno, "seccomp");
    }
}

}  // namespace ion
