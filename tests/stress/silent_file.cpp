// SPDX-License-Identifier: Apache-2.0

#include "tests/stress/silent_file.h"

#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string_view>

#include "daemon/base/unique_fd.h"
#include "tests/stress/patience.h"

namespace ion::test {
namespace {

constexpr std::string_view kName = "silent";
constexpr fuse_ino_t kFile = FUSE_ROOT_ID + 1;
constexpr off_t kSize = 4096;
constexpr double kAttributesLast = 3600.0;

struct stat attributes_of(fuse_ino_t inode) {
    struct stat status {};
    status.st_ino = inode;
    status.st_mode = inode == kFile ? S_IFREG | 0666 : S_IFDIR | 0755;
    status.st_nlink = 1;
    status.st_size = inode == kFile ? kSize : 0;
    return status;
}

void look_up(fuse_req_t request, fuse_ino_t, const char* name) {
    if (name != kName) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    fuse_entry_param entry{};
    entry.ino = kFile;
    entry.attr = attributes_of(kFile);
    entry.attr_timeout = entry.entry_timeout = kAttributesLast;
    fuse_reply_entry(request, &entry);
}

void get_attributes(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
    const struct stat status = attributes_of(inode);
    fuse_reply_attr(request, &status, kAttributesLast);
}

void open_file(fuse_req_t request, fuse_ino_t, fuse_file_info* info) {
    info->keep_cache = 1;  // otherwise the kernel waits for pages that are being read
    fuse_reply_open(request, info);
}

void read_nothing(fuse_req_t, fuse_ino_t, size_t, off_t, fuse_file_info*) {}

/// Says on `ready`, the session's user data, that the file is there.
void started(void* ready, fuse_conn_info*) {
    (void)!::write(*static_cast<int*>(ready), "", 1);
}

void serve(const std::string& directory, int ready) {
    fuse_lowlevel_ops operations{};
    operations.init = started;
    operations.lookup = look_up;
    operations.getattr = get_attributes;
    operations.open = open_file;
    operations.read = read_nothing;
    char name[] = "silent";
    char option[] = "-oallow_other";
    char* arguments[] = {name, option, nullptr};
    fuse_args all = FUSE_ARGS_INIT(2, arguments);
    fuse_session* session = fuse_session_new(&all, &operations, sizeof operations, &ready);
    if (session != nullptr && fuse_session_mount(session, directory.c_str()) == 0) {
        fuse_session_loop(session);
    }
}

}  // namespace

SilentFile::SilentFile() {
    std::string pattern = std::filesystem::temp_directory_path() / "ion-silent-XXXXXX";
    int ends[2];
    if (::mkdtemp(pattern.data()) == nullptr || ::pipe2(ends, O_CLOEXEC) != 0) {
        ADD_FAILURE() << "no directory or no pipe";
        return;
    }
    directory_ = pattern;
    const UniqueFd ready(ends[0]);
    UniqueFd theirs(ends[1]);
    server_ = ::fork();
    if (server_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(directory_, theirs.get());
        ::_exit(1);
    }
    theirs.reset();
    char byte = 0;
    if (readable_within(ready.get(), kPatience) && ::read(ready.get(), &byte, 1) == 1) {
        path_ = directory_ + "/" + std::string(kName);
    } else {
        ADD_FAILURE() << "the silent file's server does not start";
    }
}

void SilentFile::end() {
    if (server_ > 0) {
        ::kill(server_, SIGKILL);
        ::waitpid(server_, nullptr, 0);
        server_ = -1;
    }
}

SilentFile::~SilentFile() {
    end();
    ::umount2(directory_.c_str(), MNT_DETACH);
    ::rmdir(directory_.c_str());
}

}  // namespace ion::test
