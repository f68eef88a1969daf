// SPDX-License-Identifier: Apache-2.0
//
// The yardstick of all benchmarks: a FUSE node, or a CUSE device, whose ioctl handler hands the bytes back and does
// nothing else. Same library and same restricted ioctls as the daemon, but libfuse's own loop.
//
//   echo_node DIRECTORY     serves the file DIRECTORY/echo
//   echo_node --cuse NAME   serves /dev/NAME
//
// Says "ready" when it serves; ends by SIGTERM, and then leaves no mount behind.

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#define FUSE_USE_VERSION 35
#include <fuse3/cuse_lowlevel.h>
#include <fuse3/fuse_lowlevel.h>

namespace {

constexpr fuse_ino_t kNodeInode = 2;
constexpr double kForever = 1e6;

void fill_attributes(fuse_ino_t inode, struct stat& status) {
    status = {};
    status.st_ino = inode;
    status.st_mode = inode == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0666;
    status.st_nlink = 1;
}

void say_ready() {
    std::puts("ready");
    std::fflush(stdout);
}

void echo(fuse_req_t request, const void* input, size_t input_size) {
    fuse_reply_ioctl(request, 0, input, input_size);
}

void accept(fuse_req_t request, fuse_file_info* file) {
    fuse_reply_open(request, file);
}

void node_init(void* /*userdata*/, fuse_conn_info* /*connection*/) {
    say_ready();
}

void node_lookup(fuse_req_t request, fuse_ino_t /*parent*/, const char* name) {
    if (std::strcmp(name, "echo") != 0) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    fuse_entry_param entry{};
    entry.ino = kNodeInode;
    entry.attr_timeout = kForever;
    entry.entry_timeout = kForever;
    fill_attributes(kNodeInode, entry.attr);
    fuse_reply_entry(request, &entry);
}

void node_getattr(fuse_req_t request, fuse_ino_t inode, fuse_file_info* /*file*/) {
    struct stat status {};
    fill_attributes(inode, status);
    fuse_reply_attr(request, &status, kForever);
}

void node_open(fuse_req_t request, fuse_ino_t /*inode*/, fuse_file_info* file) {
    file->direct_io = 1;
    accept(request, file);
}

void node_ioctl(fuse_req_t request, fuse_ino_t /*inode*/, unsigned /*command*/, void* /*argument*/,
                fuse_file_info* /*file*/, unsigned /*flags*/, const void* input, size_t input_size,
                size_t /*output_size*/) {
    echo(request, input, input_size);
}

void cuse_ioctl(fuse_req_t request, int /*command*/, void* /*argument*/, fuse_file_info* /*file*/,
                unsigned /*flags*/, const void* input, size_t input_size, size_t /*output_size*/) {
    echo(request, input, input_size);
}

void cuse_init_done(void* /*userdata*/) {
    say_ready();
}

int serve_cuse(const std::string& device) {
    const std::string name = "DEVNAME=" + device;
    const char* info_words[] = {name.c_str()};
    cuse_info info{};
    info.dev_info_argc = 1;
    info.dev_info_argv = info_words;
    cuse_lowlevel_ops ops{};
    ops.init_done = cuse_init_done;
    ops.open = accept;
    ops.ioctl = cuse_ioctl;
    char program[] = "echo_node";
    char foreground[] = "-f";
    char* words[] = {program, foreground, nullptr};
    int threads = 0;
    fuse_session* session = cuse_lowlevel_setup(2, words, &info, &ops, &threads, nullptr);
    if (session == nullptr) {
        return 1;
    }
    const int result = fuse_session_loop(session);
    cuse_lowlevel_teardown(session);
    return result < 0 ? 1 : 0;
}

int serve_node(const char* directory) {
    fuse_lowlevel_ops ops{};
    ops.init = node_init;
    ops.lookup = node_lookup;
    ops.getattr = node_getattr;
    ops.open = node_open;
    ops.ioctl = node_ioctl;
    char program[] = "echo_node";
    char* words[] = {program, nullptr};
    fuse_args args = FUSE_ARGS_INIT(1, words);
    fuse_session* session = fuse_session_new(&args, &ops, sizeof(ops), nullptr);
    if (session == nullptr || fuse_set_signal_handlers(session) != 0 ||
        fuse_session_mount(session, directory) != 0) {
        return 1;
    }
    const int result = fuse_session_loop(session);
    fuse_session_unmount(session);
    fuse_remove_signal_handlers(session);
    fuse_session_destroy(session);
    return result < 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "--cuse") == 0) {
        return serve_cuse(argv[2]);
    }
    if (argc != 2 || argv[1][0] == '-') {
        std::fputs("usage: echo_node DIRECTORY | --cuse NAME\n", stderr);
        return 2;
    }
    return serve_node(argv[1]);
}
