// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "client/tools/doctor_checks.h"

namespace {

using ion::views::Finding;
using ion::views::Health;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// A machine made of files in a folder, looked at by a user who is not root.
class Doctor : public ::testing::Test {
  protected:
    Doctor() {
        EXPECT_NE(::mkdtemp(root_.data()), nullptr);
        write("/proc/sys/kernel/osrelease", "6.1.0-9-test\n");
        write("/etc/group", "root:x:0:\nvideo:x:" + std::to_string(kGroup) + ":\n");
        write("/etc/passwd", "root:x:0:0::/:\nann:x:54321:54321::/:\n");
    }
    ~Doctor() override { fs::remove_all(root_); }

    void write(const std::string& path, const std::string& text, mode_t mode = 0644) const {
        const fs::path file = root_ + path;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
        EXPECT_EQ(::chmod(file.c_str(), mode), 0);
    }
    /// A file stands for a device. It belongs to whoever runs the test, and not to ann.
    void device(const std::string& path, mode_t mode = 0666) const { write(path, "", mode); }
    void link(const std::string& path, const std::string& target) const {
        fs::create_directories(fs::path(root_ + path).parent_path());
        fs::create_symlink(target, root_ + path);
    }
    void module(const std::string& name, const std::string& list) const {
        write("/lib/modules/6.1.0-9-test/modules." + list, "kernel/drivers/" + name + "/" + name + ".ko:\n");
    }
    void remove(const std::string& path) const { fs::remove_all(root_ + path); }

    [[nodiscard]] Machine machine() const { return {root_, {.uid = kUid, .groups = groups_}}; }

    static constexpr uid_t kUid = 54321;
    static constexpr gid_t kGroup = 44;
    std::string root_ = "/tmp/ion-doctor-XXXXXX";
    std::vector<gid_t> groups_ = {54321};
    DaemonPlace place_{.unreachable = {}, .worker = 77};
};

void expect(const Finding& finding, Health health, const std::string& text, const std::string& fix) {
    EXPECT_EQ(finding.health, health) << finding.subject << ": " << finding.text;
    EXPECT_THAT(finding.text, HasSubstr(text));
    if (fix.empty()) {
        EXPECT_EQ(finding.fix, "");
    } else {
        EXPECT_THAT(finding.fix, HasSubstr(fix));
    }
}

TEST_F(Doctor, Cuse) {
    expect(check_cuse(machine()), Health::kLimited, "cuse is not there", "modprobe cuse");
    module("fuse", "builtin");
    expect(check_cuse(machine()), Health::kLimited, "kernel 6.1.0-9-test has no cuse", "CONFIG_CUSE");
    module("cuse", "dep");
    expect(check_cuse(machine()), Health::kLimited, "the module is not loaded",
           "modprobe cuse && echo cuse > /etc/modules-load.d/cuse.conf");
    device("/dev/cuse", 0600);
    expect(check_cuse(machine()), Health::kLimited, "the user ann may not", "setfacl -m u:ann:rw /dev/cuse");
    device("/dev/cuse");
    expect(check_cuse(machine()), Health::kOk, "/dev/cuse is there", "");
}

TEST_F(Doctor, Fuse) {
    module("cuse", "dep");
    expect(check_fuse(machine()), Health::kMissing, "has no fuse: iond cannot mount", "CONFIG_FUSE_FS");
    module("fuse", "dep");
    expect(check_fuse(machine()), Health::kMissing, "not loaded", "modprobe fuse");
    device("/dev/fuse", 0600);
    expect(check_fuse(machine()), Health::kMissing, "ann may not open", "chmod 0666 /dev/fuse");
    device("/dev/fuse");
    expect(check_fuse(machine()), Health::kOk, "/dev/fuse is there", "");
}

TEST_F(Doctor, Fusermount) {
    expect(check_fusermount(machine()), Health::kLimited, "not installed", "apt install fuse3");
    write("/usr/bin/fusermount3", "", 0755);
    expect(check_fusermount(machine()), Health::kLimited, "not setuid", "chmod u+s /usr/bin/fusermount3");
    write("/usr/bin/fusermount3", "", 04755);
    expect(check_fusermount(machine()), Health::kOk, "setuid", "");
}

TEST_F(Doctor, Udmabuf) {
    const std::string parameters = "/sys/module/udmabuf/parameters/";
    module("cuse", "dep");
    expect(check_udmabuf(machine()), Health::kLimited, "has no udmabuf", "CONFIG_UDMABUF");
    module("udmabuf", "builtin");
    expect(check_udmabuf(machine()), Health::kLimited, "its device is not there", "devtmpfs");
    device("/dev/udmabuf", 0600);
    expect(check_udmabuf(machine()), Health::kLimited, "ann may not", "/dev/udmabuf");
    device("/dev/udmabuf");
    expect(check_udmabuf(machine()), Health::kOk, "is there", "");
    write(parameters + "list_limit", "1024\n");
    write(parameters + "size_limit_mb", "64\n");
    expect(check_udmabuf(machine()), Health::kLimited,
           "at most 64 MiB (size_limit_mb) in 1024 pieces (list_limit)",
           "echo 1024 > /sys/module/udmabuf/parameters/size_limit_mb");
    write(parameters + "size_limit_mb", "1024\n");
    expect(check_udmabuf(machine()), Health::kOk, "at most 1024 MiB", "");
}

TEST_F(Doctor, Vgem) {
    device("/dev/dri/card0");
    link("/sys/class/drm/card0/device", "../../../devices/pci0000:00/0000:00:02.0");
    module("vgem", "dep");
    expect(check_vgem(machine()), Health::kLimited, "not loaded", "modprobe vgem");
    link("/sys/class/drm/card1/device", "../../../devices/platform/vgem");
    expect(check_vgem(machine()), Health::kLimited, "not loaded", "modprobe vgem");
    device("/dev/dri/card1", 0660);
    expect(check_vgem(machine()), Health::kLimited, "ann may not", "/dev/dri/card1");
    device("/dev/dri/card1");
    expect(check_vgem(machine()), Health::kOk, "/dev/dri/card1 is vgem's", "");
}

TEST_F(Doctor, DmaHeap) {
    expect(check_dma_heap(machine()), Health::kLimited, "has nothing", "CONFIG_DMABUF_HEAPS_SYSTEM");
    device("/dev/dma_heap/system", 0600);
    expect(check_dma_heap(machine()), Health::kLimited, "ann may not", "/dev/dma_heap/system");
    device("/dev/dma_heap/system");
    device("/dev/dma_heap/reserved");
    expect(check_dma_heap(machine()), Health::kOk, "/dev/dma_heap has reserved, system", "");
}

TEST_F(Doctor, DmaBufsComeFromAnyExporter) {
    device("/dev/udmabuf", 0600);
    expect(check_dma_bufs(machine()), Health::kLimited, "buffers are memfds", "one of the fixes");
    device("/dev/udmabuf");
    expect(check_dma_bufs(machine()), Health::kOk, "can be dma-bufs", "");
    remove("/dev/udmabuf");
    device("/dev/dma_heap/system");
    expect(check_dma_bufs(machine()), Health::kOk, "can be dma-bufs", "");
    remove("/dev/dma_heap");
    device("/dev/dri/card0");
    link("/sys/class/drm/card0/device", "../vgem");
    expect(check_dma_bufs(machine()), Health::kOk, "can be dma-bufs", "");
}

TEST_F(Doctor, Descriptors) {
    const auto limits = [](const char* hard) {
        return std::string("Limit                     Soft Limit           Hard Limit           Units\n") +
               "Max open files            1024                 " + hard + "              files\n";
    };
    expect(check_descriptors(machine(), place_), Health::kLimited, "cannot be read", "");
    write("/proc/77/limits", limits("4096"));
    expect(check_descriptors(machine(), place_), Health::kLimited, "iond may have 4096 open files",
           "prlimit --pid 77 --nofile=1048576");
    write("/proc/77/limits", limits("1048576"));
    expect(check_descriptors(machine(), place_), Health::kOk, "1048576", "");
    place_.worker = 0;
    write("/proc/self/limits", limits("4096"));
    expect(check_descriptors(machine(), place_), Health::kLimited, "this shell may have 4096", "ulimit -n");
}

TEST_F(Doctor, Yama) {
    const std::string scope = "/proc/sys/kernel/yama/ptrace_scope";
    expect(check_yama(machine()), Health::kOk, "not there", "");
    for (const char* harmless : {"0\n", "1\n"}) {
        write(scope, harmless);
        expect(check_yama(machine()), Health::kOk, "can be put", "");
    }
    write(scope, "2\n");
    expect(check_yama(machine()), Health::kLimited, "ionctl run", "sysctl -w kernel.yama.ptrace_scope=1");
    write(scope, "3\n");
    expect(check_yama(machine()), Health::kMissing, "cannot be put into unmodified programs", "reboot");
}

TEST_F(Doctor, Seccomp) {
    const std::string actions = "/proc/sys/kernel/seccomp/actions_avail";
    expect(check_seccomp(machine()), Health::kLimited, "no seccomp notifications", "CONFIG_SECCOMP_FILTER");
    write(actions, "kill_process user_notif allow\n");
    expect(check_seccomp(machine()), Health::kOk, "can work", "");
    for (const char* old : {"5.18.3\n", "4.19.0-1-amd64\n", "unknown\n"}) {
        write("/proc/sys/kernel/osrelease", old);
        expect(check_seccomp(machine()), Health::kLimited, "older than 5.19", "5.19");
    }
    write("/proc/sys/kernel/osrelease", "5.19.0\n");
    expect(check_seccomp(machine()), Health::kOk, "can work", "");
}

TEST_F(Doctor, DaemonAndUsageMount) {
    const std::string mount = "36 25 0:31 / /run/ion/debug rw - fuse.ionfs iond rw\n";
    expect(check_daemon(machine(), place_), Health::kOk, "process 77", "");
    expect(check_usage_mount(machine(), place_), Health::kMissing, "nothing is mounted", "--usage-mount");
    write("/proc/self/mountinfo", mount);
    expect(check_usage_mount(machine(), place_), Health::kOk, "mounted on /run/ion/debug", "");
    place_ = {.unreachable = "no socket", .worker = 0};
    expect(check_daemon(machine(), place_), Health::kMissing, "no socket", "systemctl start iond");
    expect(check_usage_mount(machine(), place_), Health::kMissing, "left mounted",
           "umount -l /run/ion/debug");
    write("/proc/self/mountinfo", "36 25 0:31 / /run rw - tmpfs x rw\n");
    expect(check_usage_mount(machine(), place_), Health::kLimited, "nothing is mounted",
           "systemctl start iond");
}

TEST_F(Doctor, DeviceWithItsRights) {
    expect(check_device(machine(), place_), Health::kMissing, "/dev/ion is not there", "log");
    device("/dev/ion");
    expect(check_device(machine(), place_), Health::kOk, "/dev/ion has mode 0666", "");
    device("/dev/ion", 0600);
    expect(check_device(machine(), place_), Health::kMissing, "mode 0600", "/etc/udev/rules.d/70-ion.rules");
    device("/dev/ion", 0660);
    if (::chown((root_ + "/dev/ion").c_str(), 0, kGroup) != 0) {
        GTEST_SKIP() << "only root can give files away";
    }
    expect(check_device(machine(), place_), Health::kMissing,
           "mode 0660, group video: the user ann may not open", "usermod -aG video ann");
    groups_.push_back(kGroup);
    expect(check_device(machine(), place_), Health::kOk, "group video", "");
}

TEST_F(Doctor, LooksAtEverySubjectOnce) {
    std::set<std::string> subjects;
    const auto findings = examine(machine(), place_);
    for (const Finding& finding : findings) {
        EXPECT_TRUE(subjects.insert(finding.subject).second) << finding.subject;
        EXPECT_NE(finding.text, "");
    }
    EXPECT_EQ(findings.size(), 13U);
}

}  // namespace
