// SPDX-License-Identifier: Apache-2.0
//
// What is special about a device that a supervisor serves by seccomp, line by line. It knows nothing of that.
//
//   supervised DEVICE paths FOLDER    the ways to name the device; FOLDER is empty and writable
//   supervised DEVICE files           its descriptors: dup, fork, exec, SCM_RIGHTS, ioctls that are not ION's
//   supervised DEVICE sync            DMA_BUF_IOCTL_SYNC
//   supervised DEVICE limit           a full table of descriptors
//   supervised DEVICE threads         24 threads at once
//   supervised DEVICE timer           calls under a signal each millisecond
//   supervised DEVICE killed          children that are killed inside calls
//   supervised DEVICE hold            opens, says "holds", waits for a line, and calls again

#define _GNU_SOURCE
#include <limits.h>
#include <linux/dma-buf.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <termios.h>

#include "generation_b.h"
#include "share.h"

struct alloc_c {
    uint64_t len;
    uint32_t heap_mask, flags, fd, unused;
};
#define ALLOC_C _IOWR('I', 0, struct alloc_c)

static const char* path;
static const char* self;

static int allocate_c(void) {
    struct alloc_c data = {.len = PAGE, .heap_mask = SYSTEM};
    return call(ALLOC_C, &data) == 0 ? (int)data.fd : -errno;
}

/// Prints whether `fd`, from some way to open it, is the device.
static void opened(const char* name, int fd) {
    if (fd < 0) {
        line(name, fd, "%s", "");
        return;
    }
    struct alloc_b data = {.len = PAGE, .heap_mask = SYSTEM};
    const int cloexec = (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
    line(name, call_on(fd, ALLOC_B, &data), "cloexec=%d", cloexec);
    close(fd);
}

static int open_by_openat2(int directory, const char* name, uint64_t flags) {
    const struct open_how how = {.flags = flags};
    return (int)syscall(SYS_openat2, directory, name, &how, sizeof how);
}

static void name_it(const char* folder) {
    char link_to_it[PATH_MAX], link_to_link[PATH_MAX], link_to_dev[PATH_MAX], through[PATH_MAX + 16];
    const char* name = strrchr(path, '/') + 1;
    snprintf(link_to_it, sizeof link_to_it, "%s/link", folder);
    snprintf(link_to_link, sizeof link_to_link, "%s/chain", folder);
    snprintf(link_to_dev, sizeof link_to_dev, "%s/dev", folder);
    snprintf(through, sizeof through, "%s/../dev/%s", link_to_dev, name);
    NEED(symlink(path, link_to_it) == 0 && symlink("link", link_to_link) == 0 &&
         symlink("/dev", link_to_dev) == 0);
    const int dev = open("/dev", O_PATH | O_CLOEXEC);
    char from_root[64];
    snprintf(from_root, sizeof from_root, "//dev/./%s", name);

    opened("plain", open(path, O_RDWR));
    opened("close_on_exec", open(path, O_RDONLY | O_CLOEXEC));
    opened("not_normal", open(from_root, O_RDWR));
    opened("openat", openat(dev, name, O_RDWR));
    opened("openat2", open_by_openat2(AT_FDCWD, path, O_RDWR | O_CLOEXEC));
    opened("openat2_relative", open_by_openat2(dev, name, O_RDWR));
#ifdef SYS_open
    opened("old_open", (int)syscall(SYS_open, path, O_RDWR));
#endif
    opened("link", open(link_to_it, O_RDWR));
    opened("link_to_link", open(link_to_link, O_RDWR));
    opened("link_not_followed", open(link_to_it, O_RDWR | O_NOFOLLOW));
    opened("through_link", open(through, O_RDWR));
    opened("exclusively", open(path, O_RDWR | O_CREAT | O_EXCL, 0600));
    opened("as_folder", open(path, O_RDONLY | O_DIRECTORY));
    opened("elsewhere", openat(AT_FDCWD, name, O_RDWR));
    NEED(chdir("/dev") == 0);
    opened("in_folder", open(name, O_RDWR));
    opened("empty", open("", O_RDWR));
    opened("bad_pointer", (int)syscall(SYS_openat, AT_FDCWD, 8L, O_RDWR));
    NEED(unlink(link_to_it) == 0 && unlink(link_to_link) == 0 && unlink(link_to_dev) == 0);
}

/// Runs in a process that has the device from `socket` alone.
static void use_received(int socket, int handle) {
    const int received = receive_descriptor(socket);
    printf("received_shares %d\n", share_b(received, handle) >= 0);
    fflush(stdout);
    _exit(0);
}

static void use_files(void) {
    struct termios terminal;
    struct alloc_b page = {.len = PAGE, .heap_mask = SYSTEM};
    int pipes[2];
    NEED(pipe2(pipes, O_CLOEXEC) == 0);
    line("terminal_command", call(TCGETS, &terminal), "%s", "");
    line("unknown_command", call(_IOWR('X', 1, struct alloc_b), &page), "%s", "");
    line("on_pipe", call_on(pipes[1], ALLOC_B, &page), "%s", "");
    line("on_nothing", call_on(1000, ALLOC_B, &page), "%s", "");
    line("read_only_by_path", call_on(open("/dev/null", O_RDONLY | O_CLOEXEC), ALLOC_B, &page), "%s", "");

    const int handle = allocate_b(device);
    const int copy = dup(device);
    NEED(copy >= 0 && dup2(copy, device) == device);
    printf("copy_shares %d\n", share_b(copy, handle) >= 0);
    fflush(stdout);
    const pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {  // `copy` stays open across exec
        char number[16];
        snprintf(number, sizeof number, "%d", copy);
        execl(self, self, path, "inherited", number, NULL);
        _exit(1);
    }
    int status = 0;
    NEED(waitpid(child, &status, 0) == child && status == 0);
    close(copy);
    int ends[2];
    NEED(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    send_descriptor(ends[0], device);
    close(device);  // it exists in flight alone
    device = receive_descriptor(ends[1]);
    printf("in_flight_shares %d\n", share_b(device, handle) >= 0);
    send_descriptor(ends[0], device);
    fflush(stdout);
    const pid_t receiver = fork();
    NEED(receiver >= 0);
    if (receiver == 0) {
        close(device);
        use_received(ends[1], handle);
    }
    close(device);
    NEED(waitpid(receiver, &status, 0) == receiver && status == 0);
}

static void sync_on(const char* name, int fd, uint64_t flags) {
    struct dma_buf_sync data = {flags};
    line(name, ioctl(fd, DMA_BUF_IOCTL_SYNC, &data), "%s", "");
}

static void synchronise(void) {
    const int fd = allocate_c();
    NEED(fd >= 0);
    sync_on("start_read", fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
    sync_on("start_write", fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE);
    sync_on("end_both", fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
    sync_on("no_direction", fd, DMA_BUF_SYNC_END);
    sync_on("unknown_flag", fd, DMA_BUF_SYNC_READ | 8);
    line("bad_pointer", ioctl(fd, DMA_BUF_IOCTL_SYNC, (void*)8), "%s", "");
    sync_on("on_device", device, DMA_BUF_SYNC_READ);
    sync_on("on_other_memfd", memfd_create("other", MFD_CLOEXEC), DMA_BUF_SYNC_READ);
    sync_on("on_nothing", 1000, DMA_BUF_SYNC_READ);
}

static void fill_table(void) {
    const struct rlimit few = {32, 32};
    NEED(setrlimit(RLIMIT_NOFILE, &few) == 0);
    const int handle = allocate_b(device);
    int last = -1;
    for (int fd = 0; (fd = dup(0)) >= 0; last = fd) {
    }
    NEED(errno == EMFILE);
    struct fd_b data = {.handle = handle};
    const int shared = call(SHARE_B, &data);
    line("share", shared, "errno_in_fd=%d", data.fd == -errno);
    struct alloc_c alloc = {.len = PAGE, .heap_mask = SYSTEM, .fd = SENTINEL};
    const int allocated = call(ALLOC_C, &alloc);
    line("alloc", allocated, "fd=%x", alloc.fd);
    line("open", open(path, O_RDWR), "%s", "");
    close(last);
    const int again = call(SHARE_B, &data);
    line("share_again", again, "last=%d", data.fd == last);
}

static void* in_thread(void* number) {
    const uint32_t mark = (uint32_t)(uintptr_t)number;
    for (int i = 0; i < 50; ++i) {
        const int fd = allocate_c();
        NEED(fd >= 0);
        uint32_t* words = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        NEED(words != MAP_FAILED && words[0] == 0);
        words[0] = mark;
        struct alloc_b data = {.len = PAGE, .heap_mask = SYSTEM};
        NEED(call(ALLOC_B, &data) == 0);
        NEED(words[0] == mark && munmap(words, PAGE) == 0 && close(fd) == 0);
        struct handle_b drop = {data.handle};
        NEED(call(FREE_B, &drop) == 0);
    }
    return NULL;
}

static void use_threads(void) {
    pthread_t threads[24];
    for (size_t i = 0; i < 24; ++i) {
        NEED(pthread_create(&threads[i], NULL, in_thread, (void*)(i + 1)) == 0);
    }
    for (size_t i = 0; i < 24; ++i) {
        pthread_join(threads[i], NULL);
    }
    printf("next_handle %d\n", allocate_b(device));
}

static volatile sig_atomic_t alarms;
static void on_alarm(int number) {
    (void)number;
    ++alarms;
}

/// A call that is done twice shows: a handle, or a descriptor, that nobody knows of takes the lowest number.
static void use_under_timer(void) {
    const struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    const struct itimerval interval = {{0, 1000}, {0, 1000}};
    NEED(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &interval, NULL) == 0);
    int odd = 0;
    const int lowest = lowest_free();
    for (int i = 0; i < 1000 || alarms < 200; ++i) {
        struct alloc_b data = {.len = PAGE, .heap_mask = SYSTEM};
        NEED(call(ALLOC_B, &data) == 0);
        struct fd_b shared = {.handle = data.handle};
        NEED(call(SHARE_B, &shared) == 0);
        struct handle_b drop = {data.handle};
        odd +=
            data.handle != 1 || shared.fd != lowest || call(FREE_B, &drop) != 0 || call(FREE_B, &drop) == 0;
        const int again = open(path, O_RDWR | O_CLOEXEC);
        odd += again != lowest + 1;
        NEED(close(again) == 0 && close(shared.fd) == 0);
    }
    printf("odd %d\n", odd);
}

/// Never ends.
static void work_until_killed(atomic_uint* count) {
    while (1) {
        struct alloc_b data = {.len = PAGE, .heap_mask = SYSTEM};
        struct fd_b shared = {.fd = -1};
        const int own = open(path, O_RDWR | O_CLOEXEC);
        call_on(own, ALLOC_B, &data);
        shared.handle = data.handle;
        call_on(own, SHARE_B, &shared);
        allocate_c();
        close_range((unsigned)device + 1, ~0U, 0);
        atomic_fetch_add(count, 1);
    }
}

static void kill_children(void) {
    atomic_uint* count = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(count != MAP_FAILED);
    for (unsigned i = 0; i < 60; ++i) {
        atomic_store(count, 0);
        const pid_t child = fork();
        NEED(child >= 0);
        if (child == 0) {
            work_until_killed(count);
        }
        while (atomic_load(count) < i % 7 + 1) {
            sched_yield();
        }
        for (volatile unsigned spin = 0; spin < i * 3000; ++spin) {  // somewhere else in its round each time
        }
        NEED(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    }
    line("alive", allocate_b(device) > 0 ? 0 : -1, "%s", "");
}

static void hold(void) {
    const int handle = allocate_b(device);
    printf("holds\n");
    fflush(stdout);
    wait_for_line();
    struct fd_b data = {.handle = handle};
    line("share", call(SHARE_B, &data), "%s", "");
}

int main(int argc, char** argv) {
    NEED(argc >= 3);
    self = argv[0];
    path = argv[1];
    const char* mode = argv[2];
    if (!strcmp(mode, "inherited")) {
        device = atoi(argv[3]);
        printf("inherited_shares %d\n", share_b(device, 1) >= 0);
        return 0;
    }
    device = open_device(path);
    if (!strcmp(mode, "paths")) {
        name_it(argv[3]);
    } else if (!strcmp(mode, "files")) {
        use_files();
    } else if (!strcmp(mode, "sync")) {
        synchronise();
    } else if (!strcmp(mode, "limit")) {
        fill_table();
    } else if (!strcmp(mode, "threads")) {
        use_threads();
    } else if (!strcmp(mode, "timer")) {
        use_under_timer();
    } else if (!strcmp(mode, "killed")) {
        kill_children();
    } else {
        hold();
    }
    return 0;
}
