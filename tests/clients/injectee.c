// SPDX-License-Identifier: Apache-2.0
//
// A program that calls an allocation ioctl and knows of no injection: each mode is one situation in which a
// descriptor must arrive as if the kernel had made it. Exit status 0 if every call went as the mode expects.
//
//   injectee NODE MODE [ARGUMENT]
//
// Says "ready" on stdout and waits for a line on stdin before its first call. Built for 64 bits, for 32 bits,
// and with INT80 defined for 64-bit code that enters the kernel by `int 0x80`.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injectee.h"

static const char* argument = "";  // of the mode

static void* calls_with_own_table(void* unused) {
    CHECK(unshare(CLONE_FILES) == 0);
    for (int i = 0; i < 20; ++i) {
        CHECK(dup(node) >= 0);  // the leader's table has none of these
    }
    return calls(unused);
}

static void* calls_and_exit(void* unused) {
    calls(unused);
    exit(0);
}

static void leaderless(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, calls_and_exit, NULL) == 0);
    syscall(SYS_exit, 0);
}

// Four threads share the table: any number will do, but none twice, and all gone in the end.
static void* calls_of_many(void* unused) {
    for (int i = 0; i < CALLS; ++i) {
        close(allocate(0));
    }
    return unused;
}

static void crowd(void) {
    const int expected = lowest_free();
    pthread_t threads[4];
    for (int i = 0; i < 4; ++i) {
        CHECK(pthread_create(&threads[i], NULL, calls_of_many, NULL) == 0);
    }
    for (int i = 0; i < 4; ++i) {
        pthread_join(threads[i], NULL);
    }
    const int fd = allocate(0);
    CHECK(fd == expected);
}

static volatile sig_atomic_t caught;

static void on_signal(int number) {
    (void)number;
    ++caught;
}

static void timer(void) {
    CHECK(signal(SIGALRM, on_signal) != SIG_ERR);
    const struct itimerval interval = {{0, 500}, {0, 500}};
    setitimer(ITIMER_REAL, &interval, NULL);
    do {
        calls(NULL);
    } while (caught == 0);
}

// Queued signals: none may be lost or doubled, whichever part of a call they hit.
enum { QUEUED = 2000 };
static pthread_t caller;

static void* queue_signals(void* unused) {
    const union sigval value = {0};
    for (int i = 0; i < QUEUED; ++i) {
        while (pthread_sigqueue(caller, SIGRTMIN, value) == EAGAIN) {
            sched_yield();
        }
        if (i % 8 == 0) {
            sched_yield();
        }
    }
    return unused;
}

static void queue(void) {
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGRTMIN, &action, NULL) == 0);
    caller = pthread_self();
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, queue_signals, NULL) == 0);
    calls(NULL);
    pthread_join(thread, NULL);
    CHECK(caught == QUEUED);
}

// SIGTRAP is what a debugger's steps leave behind: its disposition and mask must not be touched.
static void trap(void) {
    sigset_t trap_only, mask;
    sigemptyset(&trap_only);
    sigaddset(&trap_only, SIGTRAP);
    if (!strcmp(argument, "handled")) {
        signal(SIGTRAP, on_signal);
    } else if (!strcmp(argument, "ignored")) {
        signal(SIGTRAP, SIG_IGN);
    } else {
        signal(SIGTRAP, on_signal);
        sigprocmask(SIG_BLOCK, &trap_only, NULL);
    }
    struct sigaction before, after;
    sigaction(SIGTRAP, NULL, &before);
    calls(NULL);
    sigaction(SIGTRAP, NULL, &after);
    CHECK(before.sa_handler == after.sa_handler);
    CHECK(caught == 0);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    CHECK(sigismember(&mask, SIGTRAP) == !strcmp(argument, "blocked"));
}

#if defined(__x86_64__) && !defined(INT80)
// The stack of the call ends right where another thread's data begin (as with makecontext or goroutines).
enum { WORDS = 80, BELOW = 300 };
static char* region;
static volatile int neighbour_stops;
static long lost;

static void* neighbour(void* unused) {
    volatile uint64_t* words = (void*)(region + 1024);
    uint64_t expected[WORDS] = {0};
    while (!neighbour_stops) {
        for (int i = 0; i < WORDS; ++i) {
            lost += words[i] != expected[i];
            words[i] = expected[i] = words[i] + 1;
        }
    }
    return unused;
}

static long ioctl_on_stack(char* stack, struct allocation* data) {
    long result;
    __asm__ volatile("mov %%rsp, %%rbx\n mov %[stack], %%rsp\n syscall\n mov %%rbx, %%rsp"
                     : "=a"(result)
                     : "a"((long)SYS_ioctl), "D"((long)node), "S"(ALLOCATE), "d"(data), [stack] "r"(stack)
                     : "rbx", "rcx", "r11", "memory");
    return result;
}

static void small_stack(void) {
    region = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(region != MAP_FAILED);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, neighbour, NULL) == 0);
    for (int i = 0; i < 4 * CALLS; ++i) {
        struct allocation data = {.length = 4096, .heap_mask = 1};
        CHECK(ioctl_on_stack(region + 1024 + WORDS * 8 + BELOW, &data) == 0);
        close((int)data.fd);
    }
    neighbour_stops = 1;
    pthread_join(thread, NULL);
    CHECK(lost == 0);
}
#endif

// Kills whoever makes one of the calls that injection needs, as strict sandboxes do. Prints the outcome.
static void filtered(void) {
    const struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_recvmsg, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {4, (struct sock_filter*)program};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
    struct allocation* data = new_allocation(0);
    const int result = call_node(data);
    CHECK((result == 0 && (int)data->fd > node) || errno == EPERM);
}

// Exactly `count` numbers are free below the soft limit; the hard one is equal or far above.
static int leave_free(int count, int hard_too) {
    struct rlimit limit = {.rlim_cur = 32, .rlim_max = hard_too ? 32 : 64};
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    int last = -1;
    for (int fd; (fd = dup(node)) >= 0;) {
        last = fd;
    }
    CHECK(errno == EMFILE && last == 31);
    for (int i = 0; i < count; ++i) {
        close(10 + 3 * i);
    }
    return count ? 10 : -1;
}

static void limited(int hard_too) {
    int count = atoi(argument);
    const int expected = leave_free(count, hard_too);
    struct rlimit before, after;
    getrlimit(RLIMIT_NOFILE, &before);
    struct allocation* data = new_allocation(0);
    const int result = call_node(data);
    printf("%s\n", result == 0 ? "ok" : errno == EMFILE ? "EMFILE" : strerror(errno));
    if (result == 0) {
        CHECK((int)data->fd == expected);
        --count;
    }
    getrlimit(RLIMIT_NOFILE, &after);
    CHECK(before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max);
    while (dup(node) >= 0) {
        --count;
    }
    CHECK(count == 0);  // nothing was left open or closed
}

static void failing(void) {
    leave_free(0, 1);
    struct allocation* data = new_allocation((uint32_t)atoi(argument));
    const int result = call_node(data);
    printf("%d %d %d\n", result, result < 0 ? errno : 0, (int)data->fd);
}

static void read_only(void) {
    struct allocation* data = new_allocation(0);
    const int expected = lowest_free();
    CHECK(mprotect(data, 4096, PROT_READ) == 0);
    CHECK(call_node(data) < 0 && errno == EFAULT);
    CHECK(lowest_free() == expected);
}

// Memory that only this process can reach; status 77 where the kernel has none.
static void secret(void) {
#ifdef SYS_memfd_secret
    const int fd = (int)syscall(SYS_memfd_secret, 0);
    if (fd < 0) {
        exit(77);
    }
    CHECK(ftruncate(fd, 4096) == 0);
    struct allocation* data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(data != MAP_FAILED);
    const int expected = lowest_free();
    *data = (struct allocation){.length = 4096, .heap_mask = 1, .fd = ~0u};
    CHECK(call_node(data) == 0);
    CHECK((int)data->fd == expected);
    CHECK(lowest_free() == expected + 1);
#else
    exit(77);
#endif
}

static void in_namespaces(void) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC) != 0) {
        exit(77);
    }
    const pid_t child = fork();
    if (child == 0) {
        calls(NULL);
        exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

// One call, result and number printed; the test decides what is right.
static void once(void) {
    struct allocation* data = new_allocation(0);
    const int result = call_node(data);
    printf("%d %d\n", result < 0 ? -errno : result, (int)data->fd);
}

static void plain(void) {
    calls(NULL);
}

static void own_table(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, calls_with_own_table, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void soft_limited(void) {
    limited(0);
}

static void hard_limited(void) {
    limited(1);
}

static const struct {
    const char* name;
    void (*run)(void);
} modes[] = {
    {"calls", plain},
    {"own-table", own_table},
    {"leaderless", leaderless},
    {"crowd", crowd},
    {"timer", timer},
    {"queue", queue},
    {"trap", trap},
    {"filtered", filtered},
    {"limited", soft_limited},
    {"hard-limited", hard_limited},
    {"failing", failing},
    {"read-only", read_only},
    {"secret", secret},
    {"namespaces", in_namespaces},
    {"once", once},
#if defined(__x86_64__) && !defined(INT80)
    {"small-stack", small_stack},
#endif
};

int main(int argc, char** argv) {
    CHECK(argc >= 3);
    argument = argc > 3 ? argv[3] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    node = open(argv[1], O_RDONLY | O_CLOEXEC);
    CHECK(node >= 0);
    puts("ready");
    char line[16];
    CHECK(fgets(line, sizeof line, stdin) != NULL);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; ++i) {
        if (!strcmp(argv[2], modes[i].name)) {
            modes[i].run();
            return 0;
        }
    }
    fprintf(stderr, "injectee: unknown mode %s\n", argv[2]);
    return 2;
}
