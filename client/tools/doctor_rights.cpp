// SPDX-License-Identifier: Apache-2.0
//
// Limits and rights; the daemon itself, its device and its usage files.

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "client/tools/doctor_checks.h"
#include "client/usage/fields.h"

namespace {

using ion::views::Finding;
using ion::views::Health;

/// Below this, live buffers may run out of descriptors: each needs one.
constexpr std::uint64_t kFewDescriptors = 65536;

/// The hard limit of a process; nullopt when it cannot be read.
std::optional<std::uint64_t> descriptor_limit(const Machine& machine, const std::string& process) {
    const std::string limits = machine.text("/proc/" + process + "/limits");
    for (const std::string_view line : ion::usage::lines(limits)) {
        // "Max open files            1048576              1048576              files"
        if (const auto rest = ion::usage::after(line, "Max open files")) {
            const auto fields = ion::usage::words(*rest);
            return fields.size() < 2 ? std::nullopt : ion::usage::number(fields[1]);
        }
    }
    return std::nullopt;
}

/// A rule that lets a group use the device, as it is for the kernel's own ones.
std::string udev_rule() {
    return "echo 'KERNEL==\"ion\", GROUP=\"video\", MODE=\"0660\"' > /etc/udev/rules.d/70-ion.rules && "
           "udevadm control --reload && udevadm trigger /dev/ion";
}

}  // namespace

Finding check_descriptors(const Machine& machine, const DaemonPlace& place) {
    const std::string process = place.worker != 0 ? std::to_string(place.worker) : "self";
    const std::string whose = place.worker != 0 ? "iond" : "this shell";
    const auto limit = descriptor_limit(machine, process);
    if (!limit) {
        return {.subject = "descriptors",
                .health = Health::kLimited,
                .text = "the limit of " + whose + " on open files cannot be read",
                .fix = {}};
    }
    const std::string text =
        whose + " may have " + std::to_string(*limit) + " open files, one for each live buffer";
    if (*limit >= kFewDescriptors) {
        return {.subject = "descriptors", .health = Health::kOk, .text = text, .fix = {}};
    }
    return {.subject = "descriptors",
            .health = Health::kLimited,
            .text = text,
            .fix = place.worker != 0 ? "LimitNOFILE=1048576 in iond.service, or for now: prlimit --pid " +
                                           process + " --nofile=1048576"
                                     : "ulimit -n 1048576 before iond is started"};
}

Finding check_yama(const Machine& machine) {
    const auto scope = machine.figure("/proc/sys/kernel/yama/ptrace_scope");
    Finding finding{.subject = "yama", .health = Health::kOk, .text = "ptrace_scope is not there", .fix = {}};
    if (!scope) {
        return finding;
    }
    finding.text = "ptrace_scope is " + std::to_string(*scope);
    if (*scope == 2) {
        finding.health = Health::kLimited;
        finding.text += ": iond as root can serve unmodified programs, ionctl run of other users cannot";
        finding.fix = "sysctl -w kernel.yama.ptrace_scope=1";
    } else if (*scope >= 3) {
        finding.health = Health::kMissing;
        finding.text += ": descriptors cannot be put into unmodified programs; those with libion are served";
        finding.fix =
            "kernel.yama.ptrace_scope=1 in a file of /etc/sysctl.d, then reboot: 3 stays until then";
    } else {
        finding.text += ": descriptors can be put into unmodified programs";
    }
    return finding;
}

Finding check_seccomp(const Machine& machine) {
    unsigned major = 0;
    unsigned minor = 0;
    char dot = 0;
    const std::string kernel = machine.kernel();
    const bool known = static_cast<bool>(std::istringstream(kernel) >> major >> dot >> minor);
    const std::string actions = machine.text("/proc/sys/kernel/seccomp/actions_avail");
    if (actions.find("user_notif") == std::string::npos) {
        return {.subject = "seccomp",
                .health = Health::kLimited,
                .text = "the kernel has no seccomp notifications: ionctl run does not work",
                .fix = "a kernel with CONFIG_SECCOMP_FILTER, 5.19 or newer"};
    }
    if (!known || major < 5 || (major == 5 && minor < 19)) {
        return {.subject = "seccomp",
                .health = Health::kLimited,
                .text = "kernel " + kernel + " is older than 5.19: ionctl run does not work",
                .fix = "a kernel of 5.19 or newer"};
    }
    return {.subject = "seccomp", .health = Health::kOk, .text = "ionctl run can work", .fix = {}};
}

Finding check_daemon(const Machine& /*machine*/, const DaemonPlace& place) {
    if (place.unreachable.empty()) {
        return {.subject = "daemon",
                .health = Health::kOk,
                .text = "iond answers; its worker is process " + std::to_string(place.worker),
                .fix = {}};
    }
    return {.subject = "daemon",
            .health = Health::kMissing,
            .text = "iond does not answer: " + place.unreachable,
            .fix = "systemctl start iond"};
}

Finding check_device(const Machine& machine, const DaemonPlace& place) {
    const auto file = machine.file(place.device);
    if (!file) {
        return {.subject = "device",
                .health = Health::kMissing,
                .text = place.device + " is not there",
                .fix = place.unreachable.empty() ? "iond's log says where its device is (ready: ...)"
                                                 : "systemctl start iond"};
    }
    const std::string mode = fmt::format("{:04o}", file->mode & 07777U);
    const std::string group = machine.group_name(file->group);
    const std::string text = place.device + " has mode " + mode + ", group " + group;
    if (machine.may_use(place.device)) {
        return {.subject = "device", .health = Health::kOk, .text = text, .fix = {}};
    }
    const bool for_group = (file->mode >> 3 & 06U) == 06U && file->group != 0;
    return {.subject = "device",
            .health = Health::kMissing,
            .text = text + ": the user " + machine.user_name() + " may not open it",
            .fix = for_group ? "usermod -aG " + group + " " + machine.user_name() + ", then log in again"
                             : udev_rule()};
}

Finding check_usage_mount(const Machine& machine, const DaemonPlace& place) {
    // "36 25 0:31 / /run/ion/debug rw,... - fuse.ionfs iond rw,..."
    const std::string mounts = machine.text("/proc/self/mountinfo");
    const bool mounted = std::ranges::any_of(ion::usage::lines(mounts), [&](std::string_view line) {
        const auto fields = ion::usage::words(line);
        return fields.size() > 4 && fields[4] == place.usage_mount;
    });
    if (!mounted) {
        return {.subject = "usage",
                .health = place.unreachable.empty() ? Health::kMissing : Health::kLimited,
                .text = "nothing is mounted on " + place.usage_mount,
                .fix = place.unreachable.empty()
                           ? "iond was started with another --usage-mount: say it to ionctl as well"
                           : "systemctl start iond"};
    }
    if (!place.unreachable.empty()) {
        return {.subject = "usage",
                .health = Health::kMissing,
                .text = place.usage_mount + " is what a killed iond left mounted",
                .fix = "umount -l " + place.usage_mount};
    }
    return {.subject = "usage", .health = Health::kOk, .text = "mounted on " + place.usage_mount, .fix = {}};
}

std::vector<Finding> examine(const Machine& machine, const DaemonPlace& place) {
    return {check_cuse(machine),
            check_fuse(machine),
            check_fusermount(machine),
            check_udmabuf(machine),
            check_vgem(machine),
            check_dma_heap(machine),
            check_dma_bufs(machine),
            check_descriptors(machine, place),
            check_yama(machine),
            check_seccomp(machine),
            check_daemon(machine, place),
            check_device(machine, place),
            check_usage_mount(machine, place)};
}
