// SPDX-License-Identifier: Apache-2.0
//
// Buffers between processes, by fork, exec, sockets and pidfds; and who may allocate: threads, users, namespaces.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "processes.h"
#include "report.h"
#include "work.h"

enum { NOBODY = 65534 };

static void fork_cases(int sockets[2]) {
    int fd = need_buffer(BUFFER, system_mask(), UNCACHED);
    unsigned char* bytes = map_shared(fd, BUFFER);
    bytes[5] = MARK;
    struct buffer both = {fd, bytes};
    const char* status = in_child(use_buffer, &both);
    row("fork_fd_and_mapping", "child uses both", status, 0,
        "child_write_via_fd_seen=%s child_write_via_mapping_seen=%s", yes(bytes[6] == BY_FD),
        yes(bytes[7] == BY_MAPPING));
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        char go = 0;
        _exit(read(sockets[1], &go, 1) == 1 ? use_buffer(&both) : 99);
    }
    close(fd);
    munmap(bytes, BUFFER);
    if (write(sockets[0], "g", 1) == 1) {
        row("fork_parent_closes_first", "child uses fd and mapping after the parent's close+munmap",
            text("%d", wait_for(child)), 0, "%s", "");
    }
}

static void exec_cases(void) {
    static const char* const seen[] = {"fd_present size=65536", "fd_absent"};
    const int fd = need_buffer(BUFFER, system_mask(), UNCACHED);
    for (int keep = 0; keep < 2; ++keep) {
        fcntl(fd, F_SETFD, keep != 0 ? 0 : FD_CLOEXEC);
        fflush(stdout);
        const pid_t child = fork();
        if (child == 0) {
            execl("/proc/self/exe", "conformance", "--probe-fd", text("%d", fd), NULL);
            _exit(99);
        }
        const int status = wait_for(child);
        row(keep != 0 ? "exec_without_cloexec" : "exec_with_cloexec", "fd in the program after execve",
            text("%d", status), 0, "%s", status < 2 ? seen[status] : "other");
    }
    close(fd);
}

static int receive_and_use(void* socket) {
    struct buffer got = {receive_fd(*(int*)socket, 0), NULL};
    if (got.fd < 0) {
        return 50;
    }
    if (fcntl(got.fd, F_GETFD) != 0) {
        return 51;
    }
    if ((fcntl(got.fd, F_GETFL) & O_ACCMODE) != O_RDWR) {
        return 52;
    }
    return use_buffer(&got);
}

static int allocate_and_send(void* socket) {
    int fd = -1;
    const int status = allocate_and_fill(&fd);
    return status == 0 && send_fd(*(int*)socket, fd) != 1 ? 53 : status;
}

static void socket_cases(int sockets[2]) {
    int fd = need_buffer(BUFFER, system_mask(), UNCACHED);
    unsigned char* bytes = map_shared(fd, BUFFER);
    bytes[5] = MARK;
    munmap(bytes, BUFFER);
    TRY("scm_send", "dma-buf fd", send_fd(sockets[0], fd));
    close(fd);
    row("scm_receive", "sender closed and unmapped first; 0 = size, data and mmap good, no cloexec, O_RDWR",
        in_child(receive_and_use, &sockets[1]), 0, "%s", "");
    fd = need_buffer(BUFFER, system_mask(), UNCACHED);
    send_fd(sockets[0], fd);
    close(fd);
    fd = receive_fd(sockets[1], MSG_CMSG_CLOEXEC);
    report_as("scm_receive_cloexec", "MSG_CMSG_CLOEXEC", (struct outcome){fd, 0}, "fd", "F_GETFD=%d",
              fcntl(fd, F_GETFD));
    close(fd);

    const char* status = in_child(allocate_and_send, &sockets[0]);
    fd = receive_fd(sockets[1], MSG_CMSG_CLOEXEC);
    bytes = map_shared(fd, BUFFER);
    row("owner_exited", "allocated, filled and sent by a process that has exited", status, 0, "data=%s",
        bytes != MAP_FAILED && bytes[0] == MARK && bytes[BUFFER - 1] == MARK ? "kept" : "lost");
    close(fd);
}

/// What a thread did; `has_fd` is whether it sees the new descriptor itself.
struct thread_result {
    bool own_table;
    int fd;
    bool has_fd;
};

static bool is_open(int fd) {
    struct stat status;
    return fd >= 0 && fstat(fd, &status) == 0;
}

static void* allocate_in_thread(void* argument) {
    struct thread_result* result = argument;
    if (!result->own_table || unshare(CLONE_FILES) == 0) {
        result->fd = allocate(PAGE, system_mask(), UNCACHED);
        result->has_fd = is_open(result->fd);
    }
    return NULL;
}

static struct thread_result run_thread(bool own_table) {
    struct thread_result result = {own_table, -1, false};
    pthread_t thread;
    if (pthread_create(&thread, NULL, allocate_in_thread, &result) == 0) {
        pthread_join(thread, NULL);
    }
    return result;
}

static int allocate_with_received(void* socket) {
    close(device.fd);
    device.fd = receive_fd(*(int*)socket, 0);
    return device.fd < 0 ? 50 : allocate_and_fill(NULL);
}

static void who_gets_the_descriptor(int sockets[2]) {
    const int before = open_fds();
    const char* status = in_child(allocate_and_fill, NULL);
    row("alloc_in_child", "inherited /dev/ion fd, ioctl in a child", status, 0, "new_fds_in_parent=%d",
        open_fds() - before);
    struct thread_result result = run_thread(false);
    row("alloc_in_thread", "fd used by the main thread", result.fd < 0 ? "-1" : "0", 0, "visible=%s",
        yes(is_open(result.fd)));
    close(result.fd);
    result = run_thread(true);
    row("alloc_in_thread_with_own_fd_table", "after unshare(CLONE_FILES)", result.fd < 0 ? "-1" : "0", 0,
        "in_thread=%s in_main=%s", yes(result.has_fd), yes(is_open(result.fd)));
    send_fd(sockets[0], device.fd);
    row("scm_device_fd", "/dev/ion fd received over a socket, then ALLOC",
        in_child(allocate_with_received, &sockets[1]), 0, "%s", "");
}

static void take_from_child(void) {
    const int fd = need_buffer(BUFFER, system_mask(), UNCACHED);
    int hold[2];
    if (pipe2(hold, O_CLOEXEC) != 0) {
        return;  // the row is missed
    }
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        char end = 0;
        close(hold[1]);
        _exit((int)read(hold[0], &end, 1));
    }
    close(hold[0]);
    const int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    const struct outcome taken = CALL(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
    report_as("pidfd_getfd", "dma-buf fd of a child", taken, "fd", "size=%lld",
              taken.error != 0 ? -1 : (long long)lseek((int)taken.value, 0, SEEK_END));
    close(hold[1]);
    wait_for(child);
    close(fd);
}

static int in_chroot(void* nothing) {
    if (chroot("/proc/self/fdinfo") != 0 || chdir("/") != 0) {
        return 100;
    }
    return allocate_and_fill(nothing);
}

static int open_as_nobody(void* nothing) {
    (void)nothing;
    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0) {
        return 100;
    }
    return open(device.path, O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

/// 1: the buffer is nobody's; 2: root's.
static int owner_of_nobodys(void* nothing) {
    (void)nothing;
    struct stat status;
    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0) {
        return 100;
    }
    const int fd = allocate(PAGE, system_mask(), UNCACHED);
    if (fd < 0 || fstat(fd, &status) != 0) {
        return errno;
    }
    return status.st_uid == NOBODY ? 1 : status.st_uid == 0 ? 2 : 3;
}

static int in_namespaces(void* flags) {
    if (unshare(*(int*)flags) != 0) {
        return 100;
    }
    return atoi(in_child(allocate_and_fill, NULL));  // the first process of a new PID namespace
}

static void users_and_namespaces(void) {
    row("chroot", "ALLOC on an inherited fd inside an empty chroot", in_child(in_chroot, NULL), 0, "%s", "");
    row("nobody_inherited", "uid 65534, inherited fd, ALLOC", in_child(allocate_as_nobody, NULL), 0, "%s",
        "");
    report_child("nobody_open", "uid 65534 opens the device", in_child(open_as_nobody, NULL),
                 "follows the node's mode");
    const char* owner = in_child(owner_of_nobodys, NULL);
    observe("nobody_st_uid", "owner of a buffer allocated by uid 65534", "st_uid=%s",
            strcmp(owner, "1") == 0   ? "65534"
            : strcmp(owner, "2") == 0 ? "0"
                                      : owner);
    static const struct {
        const char *name, *inputs;
        int flags;
    } cases[] = {{"new_pid_ns", "ALLOC in a new PID namespace", CLONE_NEWPID},
                 {"new_user_ns", "ALLOC in a new user namespace", CLONE_NEWUSER},
                 {"new_mount_ns", "ALLOC in a new mount namespace", CLONE_NEWNS},
                 {"new_net_ipc_uts_ns", "ALLOC in new net, ipc, uts namespaces",
                  CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS},
                 {"new_user_pid_mnt_net_ns", "all of them",
                  CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        int flags = cases[i].flags;
        row(cases[i].name, cases[i].inputs, in_child(in_namespaces, &flags), 0, "%s", "");
    }
}

static int has_fd(void* fd) {
    struct stat status;
    return fstat(*(int*)fd, &status) != 0 ? errno : 0;
}

void group_share(const struct role* role) {
    (void)role;
    set_prefix("share");
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
        exit(3);
    }
    fork_cases(sockets);
    exec_cases();
    socket_cases(sockets);
    who_gets_the_descriptor(sockets);
    take_from_child();
    set_prefix("who");
    users_and_namespaces();
    set_prefix("share");
    int fd = need_buffer(PAGE, system_mask(), UNCACHED);
    row("child_has_fd", "fork copies the fd", in_child(has_fd, &fd), 0, "%s", "");
}
