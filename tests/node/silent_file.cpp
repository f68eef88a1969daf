// SPDX-License-Identifier: Apache-2.0

#include "tests/node/silent_file.h"

#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr fuse_ino_t kFile = 2;

struct stat attributes(fuse_ino_t inode) {
    struct stat status {};
    status.st_ino = inode;
    status.st_mode = inode == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0666;
    status.st_nlink = 1;
    status.st_size = inode == FUSE_ROOT_ID ? 0 : 1 << 16;
    return status;
}

void answer_lookup(fuse_req_t request, fuse_ino_t, const char* name) {
    if (std::strcmp(name, "silent") != 0) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    fuse_entry_param entry{};
    entry.ino = kFile;
    entry.attr = attributes(kFile);
    fuse_reply_entry(request, &entry);
}

void answer_getattr(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
    const struct stat status = attributes(inode);
    fuse_reply_attr(request, &status, 0);
}

void answer_open(fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
    file->keep_cache = 1;  // or the open waits for the pages that never come
    fuse_reply_open(request, file);
}

void never_answer(fuse_req_t, fuse_ino_t, size_t, off_t, fuse_file_info*) {}

[[noreturn]] void serve(const std::string& directory) {
    fuse_lowlevel_ops ops{};
    ops.lookup = answer_lookup;
    ops.getattr = answer_getattr;
    ops.open = answer_open;
    ops.read = never_answer;
    char program[] = "silent";
    char* words[] = {program, nullptr};
    fuse_args args = FUSE_ARGS_INIT(1, words);
    fuse_session* session = fuse_session_new(&args, &ops, sizeof(ops), nullptr);
    const bool mounted = session != nullptr && fuse_session_mount(session, directory.c_str()) == 0 &&
                         fuse_set_signal_handlers(session) == 0;
    const int failed = mounted ? fuse_session_loop(session) : 1;  // until SIGTERM
    fuse_session_unmount(session);
    ::_exit(failed);
}

}  // namespace

SilentFile::SilentFile() {
    EXPECT_NE(::mkdtemp(directory_.data()), nullptr);
    server_ = ::fork();
    if (server_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        serve(directory_);
    }
    struct stat status {};
    EXPECT_TRUE(eventually([&] { return ::stat(path().c_str(), &status) == 0; }));
}

SilentFile::~SilentFile() {
    ::kill(server_, SIGKILL);
    ::waitpid(server_, nullptr, 0);
    ::umount2(directory_.c_str(), MNT_DETACH);
    ::rmdir(directory_.c_str());
}

}  // namespace ion::test
