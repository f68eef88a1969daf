// SPDX-License-Identifier: Apache-2.0
//
// Clients that are something else when their call ends than they were when it began. Each does what it does again and
// again, at no particular moment of its calls.
//
//   shifty DEVICE ACT
//
//   flip         another thread changes the argument all the time
//   credentials  another thread changes the process's user, back and forth
//   exec         a process executes another program while its threads are in calls
//   exit         ... ends
//   stop         ... stops, and is continued by its parent
//   reopened     a buffer's descriptor opened once more through /proc is imported
//   chroot       in an empty root, where there is no /proc
//   nofile       with a limit of 0 descriptors
//   users        in a user namespace of its own
//   reuse        as a process with the number of one that had a channel and buffers, and is gone

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include "generation_b.h"

struct alloc_c {
    uint64_t len;
    uint32_t heap_mask, flags, fd, unused;
};
#define ALLOC_C _IOWR('I', 0, struct alloc_c)

enum { ROUNDS = 40, CALLS = 400 };

static volatile int done;
static const char* path;

/// 0, or the errno of an ALLOC; the buffer is let go.
static int alloc_c(void) {
    struct alloc_c data = {.len = PAGE, .heap_mask = SYSTEM};
    if (ioctl(device, ALLOC_C, &data) != 0) {
        return errno;
    }
    close((int)data.fd);
    return 0;
}

static void* allocate_for_ever(void* unused) {
    (void)unused;
    while (!done) {
        (void)alloc_c();
    }
    return NULL;
}

static pthread_t start(void* (*body)(void*), void* argument) {
    pthread_t thread;
    NEED(pthread_create(&thread, NULL, body, argument) == 0);
    return thread;
}

/// Waits until the process, and the daemon, have been scheduled a few times.
static void give_way(int times) {
    for (int i = 0; i < times; ++i) {
        (void)alloc_c();
    }
}

static void* flip_bits(void* argument) {
    volatile uint32_t* const words = argument;
    for (unsigned i = 0; !done; ++i) {
        words[i % 8] ^= i % 3 == 0 ? 1u : 0x80000001u;
    }
    return NULL;
}

static void flip(void) {
    static uint32_t words[8];
    const pthread_t thread = start(flip_bits, words);
    const unsigned long commands[] = {ALLOC_C, ALLOC_B, SHARE_B, IMPORT_B, FREE_B, CUSTOM_B};
    for (int i = 0; i < CALLS; ++i) {
        (void)ioctl(device, commands[i % 6], words);
        NEED(close_range((unsigned)device + 1, ~0u, 0) == 0);
    }
    done = 1;
    pthread_join(thread, NULL);
    line("flip", 0, "%s", "");
}

static void credentials(void) {
    const pthread_t thread = start(allocate_for_ever, NULL);
    int odd = 0;
    for (int i = 0; i < CALLS; ++i) {
        NEED(setresuid((uid_t)-1, i % 2 == 0 ? 65534 : 0, (uid_t)-1) == 0);
        const int error = alloc_c();
        odd += error != 0 && error != EPERM;
    }
    done = 1;
    pthread_join(thread, NULL);
    line("credentials", 0, "odd %d", odd);
}

/// In `body` a child ends in its own way, with two threads in calls. Counts those that ended otherwise.
static void in_children(const char* name, void (*body)(pid_t)) {
    int odd = 0;
    for (int i = 0; i < ROUNDS; ++i) {
        const pid_t child = fork();
        NEED(child >= 0);
        if (child == 0) {
            (void)start(allocate_for_ever, NULL);
            (void)start(allocate_for_ever, NULL);
            give_way(1 + i % 4);
            body(0);
        }
        body(child);
        int status = -1;
        NEED(waitpid(child, &status, 0) == child);
        odd += status != 0;
    }
    line(name, 0, "odd %d", odd);
}

static void by_exec(pid_t child) {
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(1);
    }
}

static void by_exit(pid_t child) {
    if (child == 0) {
        _exit(0);
    }
}

static void by_stop(pid_t child) {
    if (child == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    int status = -1;
    NEED(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    give_way(3);
    NEED(kill(child, SIGCONT) == 0);
}

/// A dma-buf cannot be opened; a memfd can, and is the same buffer.
static void reopened(void) {
    const int handle = allocate_b(device);
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", share_b(device, handle));
    const int again = open(link, O_RDWR | O_CLOEXEC);
    const int by_path = open(link, O_PATH | O_CLOEXEC);
    line("reopened", 0, "same %d", again < 0 || import_b(device, again) == handle);
    line("by_path", call(IMPORT_B, ARG(struct fd_b, .fd = by_path)), "%s", "");
}

static void in_chroot(void) {
    char root[] = "/tmp/ion-shifty-XXXXXX";
    NEED(mkdtemp(root) != NULL && chdir(root) == 0 && rmdir(root) == 0 && chroot(".") == 0);
    errno = alloc_c();
    line("chroot", errno == 0 ? 0 : -1, "%s", "");
}

static void without_descriptors(void) {
    const struct rlimit none = {0, 0};
    NEED(setrlimit(RLIMIT_NOFILE, &none) == 0);
    errno = alloc_c();
    line("nofile", errno == 0 ? 0 : -1, "%s", "");
    line("handle", allocate_b(device) > 0 ? 0 : -1, "%s", "");
}

static void in_user_namespace(void) {
    NEED(unshare(CLONE_NEWUSER) == 0);
    errno = alloc_c();
    line("users", errno == 0 ? 0 : -1, "%s", "");
}

/// Next process's number, in a namespace of its own.
static void choose_next_pid(int pid) {
    const int file = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
    char text[16];
    const int size = snprintf(text, sizeof text, "%d", pid - 1);
    NEED(file >= 0 && write(file, text, (size_t)size) == size);
    close(file);
}

static void reuse(void) {
    enum { NUMBER = 300 };
    NEED(unshare(CLONE_NEWPID) == 0);
    const pid_t first = fork();  // the namespace's init
    NEED(first >= 0);
    if (first != 0) {
        NEED(waitpid(first, NULL, 0) == first);
        return;
    }
    int odd = 0;
    for (int i = 0; i < ROUNDS; ++i) {
        choose_next_pid(NUMBER);
        const pid_t child = fork();
        NEED(child >= 0);
        if (child == 0) {
            // Half of them with the open file that all of them inherit, half with one of their own.
            device = i % 2 == 0 ? device : open_device(path);
            const int handle = allocate_b(device);
            _exit(getpid() == NUMBER && alloc_c() == 0 && free_b(device, handle) == 0 ? 0 : 1);
        }
        int status = -1;
        NEED(waitpid(child, &status, 0) == child);
        odd += status != 0;
    }
    line("reuse", 0, "odd %d", odd);
    _exit(0);
}

int main(int argc, char** argv) {
    NEED(argc == 3);
    path = argv[1];
    device = open_device(path);
    const char* const act = argv[2];
    if (!strcmp(act, "flip")) {
        flip();
    } else if (!strcmp(act, "credentials")) {
        credentials();
    } else if (!strcmp(act, "exec")) {
        in_children(act, by_exec);
    } else if (!strcmp(act, "exit")) {
        in_children(act, by_exit);
    } else if (!strcmp(act, "stop")) {
        in_children(act, by_stop);
    } else if (!strcmp(act, "reopened")) {
        reopened();
    } else if (!strcmp(act, "chroot")) {
        in_chroot();
    } else if (!strcmp(act, "nofile")) {
        without_descriptors();
    } else if (!strcmp(act, "users")) {
        in_user_namespace();
    } else {
        NEED(!strcmp(act, "reuse"));
        reuse();
    }
    return 0;
}
