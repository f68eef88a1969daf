// SPDX-License-Identifier: Apache-2.0
//
// Devices of the kernel that iond serves through, and those that it gets dma-bufs from.

#include <sys/stat.h>

#include <algorithm>

#include "client/tools/doctor_checks.h"

namespace {

using ion::views::Finding;
using ion::views::Health;

/// A driver of the kernel, with the option that it is built by.
struct Driver {
    std::string name;
    std::string option;
};

/// One whose device is not there: what follows from that, and what to do.
Finding without(const Machine& machine, const Driver& driver, const std::string& consequence) {
    Finding finding{.subject = driver.name, .health = Health::kLimited, .text = {}, .fix = {}};
    const std::string load = "modprobe " + driver.name + " && echo " + driver.name +
                             " > /etc/modules-load.d/" + driver.name + ".conf";
    switch (machine.driver(driver.name)) {
        case Machine::Driver::kLoadable:
            finding.text = "the module is not loaded: " + consequence;
            finding.fix = load;
            break;
        case Machine::Driver::kAbsent:
            finding.text = "kernel " + machine.kernel() + " has no " + driver.name + ": " + consequence;
            finding.fix =
                "a kernel with " + driver.option + ", such as linux-image-amd64 of bookworm-backports";
            break;
        case Machine::Driver::kUnknown:
            finding.text = driver.name + " is not there, and no list of modules either: " + consequence;
            finding.fix = "on the host, outside of containers: " + load;
            break;
        case Machine::Driver::kBuiltIn:
            finding.text = "the kernel has it, but its device is not there: " + consequence;
            finding.fix = "mount -t devtmpfs dev /dev, or in a container: let it have the device";
            break;
    }
    return finding;
}

/// One that is there, but not for this user.
Finding forbidden(const Machine& machine, const std::string& subject, const std::string& path) {
    return {.subject = subject,
            .health = Health::kLimited,
            .text = "the user " + machine.user_name() + " may not read and write " + path,
            .fix = "run iond as root, or: setfacl -m u:" + machine.user_name() + ":rw " + path};
}

/// The node of vgem's card; empty when there is none.
std::string vgem_card(const Machine& machine) {
    for (const std::string& name : machine.names("/sys/class/drm")) {
        const std::string link = "/sys/class/drm/" + name + "/device";
        if (name.starts_with("card") && machine.target_name(link).starts_with("vgem") &&
            machine.exists("/dev/dri/" + name)) {
            return "/dev/dri/" + name;
        }
    }
    return {};
}

}  // namespace

Finding check_cuse(const Machine& machine) {
    const std::string consequence = "/dev/ion is a link to a file on a FUSE mount, not a character device";
    if (!machine.exists("/dev/cuse")) {
        return without(machine, {"cuse", "CONFIG_CUSE"}, consequence);
    }
    if (!machine.may_use("/dev/cuse")) {
        return forbidden(machine, "cuse", "/dev/cuse");
    }
    return {.subject = "cuse", .health = Health::kOk, .text = "/dev/cuse is there", .fix = {}};
}

Finding check_fuse(const Machine& machine) {
    if (machine.exists("/dev/fuse")) {
        if (machine.may_use("/dev/fuse")) {
            return {.subject = "fuse", .health = Health::kOk, .text = "/dev/fuse is there", .fix = {}};
        }
        return {.subject = "fuse",
                .health = Health::kMissing,
                .text = "the user " + machine.user_name() + " may not open /dev/fuse",
                .fix = "chmod 0666 /dev/fuse"};
    }
    Finding finding = without(machine, {"fuse", "CONFIG_FUSE_FS"}, "iond cannot mount its usage files");
    finding.health = Health::kMissing;
    return finding;
}

Finding check_fusermount(const Machine& machine) {
    for (const char* path : {"/usr/bin/fusermount3", "/bin/fusermount3"}) {
        const auto file = machine.file(path);
        if (file && (file->mode & S_ISUID) != 0) {
            return {.subject = "fusermount",
                    .health = Health::kOk,
                    .text = std::string(path) + " is there, setuid",
                    .fix = {}};
        }
        if (file) {
            return {.subject = "fusermount",
                    .health = Health::kLimited,
                    .text = std::string(path) +
                            " is not setuid: only root can unmount what is left of a killed iond",
                    .fix = std::string("chmod u+s ") + path};
        }
    }
    return {.subject = "fusermount",
            .health = Health::kLimited,
            .text = "fusermount3 is not installed; iond mounts without it, as root",
            .fix = "apt install fuse3"};
}

Finding check_udmabuf(const Machine& machine) {
    if (!machine.exists("/dev/udmabuf")) {
        return without(machine, {"udmabuf", "CONFIG_UDMABUF"}, "buffers come from the next exporter");
    }
    if (!machine.may_use("/dev/udmabuf")) {
        return forbidden(machine, "udmabuf", "/dev/udmabuf");
    }
    // Parameters of the kernel's drivers/dma-buf/udmabuf.c; its own default is 64 MiB.
    const std::string parameters = "/sys/module/udmabuf/parameters/";
    const auto pieces = machine.figure(parameters + "list_limit");
    const auto megabytes = machine.figure(parameters + "size_limit_mb");
    Finding finding{.subject = "udmabuf", .health = Health::kOk, .text = "/dev/udmabuf is there", .fix = {}};
    if (pieces && megabytes) {
        finding.text += ": one buffer is at most " + std::to_string(*megabytes) + " MiB (size_limit_mb) in " +
                        std::to_string(*pieces) + " pieces (list_limit)";
    }
    if (megabytes && *megabytes <= 64) {
        finding.health = Health::kLimited;
        finding.text += "; larger ones come from the next exporter";
        finding.fix = "echo 1024 > " + parameters +
                      "size_limit_mb; echo options udmabuf size_limit_mb=1024 > /etc/modprobe.d/udmabuf.conf";
    }
    return finding;
}

Finding check_vgem(const Machine& machine) {
    const std::string card = vgem_card(machine);
    if (card.empty()) {
        return without(machine, {"vgem", "CONFIG_DRM_VGEM"}, "buffers come from the next exporter");
    }
    if (!machine.may_use(card)) {
        return forbidden(machine, "vgem", card);
    }
    return {.subject = "vgem", .health = Health::kOk, .text = card + " is vgem's", .fix = {}};
}

Finding check_dma_heap(const Machine& machine) {
    const auto heaps = machine.names("/dev/dma_heap");
    if (heaps.empty()) {
        return {
            .subject = "dma-heap",
            .health = Health::kLimited,
            .text = "/dev/dma_heap has nothing: heaps of the type dma_heap cannot be served",
            .fix =
                "a kernel with CONFIG_DMABUF_HEAPS_SYSTEM, such as linux-image-amd64 of bookworm-backports"};
    }
    Finding finding{.subject = "dma-heap", .health = Health::kOk, .text = "/dev/dma_heap has", .fix = {}};
    for (const std::string& heap : heaps) {
        finding.text += (&heap == &heaps.front() ? " " : ", ") + heap;
    }
    const auto denied = std::ranges::find_if(
        heaps, [&](const std::string& heap) { return !machine.may_use("/dev/dma_heap/" + heap); });
    return denied == heaps.end() ? finding : forbidden(machine, "dma-heap", "/dev/dma_heap/" + *denied);
}

Finding check_dma_bufs(const Machine& machine) {
    const std::string card = vgem_card(machine);
    const auto heaps = machine.names("/dev/dma_heap");
    const bool some = machine.may_use("/dev/udmabuf") || (!card.empty() && machine.may_use(card)) ||
                      (!heaps.empty() && machine.may_use("/dev/dma_heap/" + heaps.front()));
    if (some) {
        return {.subject = "dma-bufs", .health = Health::kOk, .text = "buffers can be dma-bufs", .fix = {}};
    }
    return {.subject = "dma-bufs",
            .health = Health::kLimited,
            .text = "no exporter can be used: buffers are memfds, which drivers refuse to import",
            .fix = "one of the fixes for udmabuf, vgem and dma-heap"};
}
