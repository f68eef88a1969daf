// SPDX-License-Identifier: Apache-2.0
//
// A client of the stress suite. Each mode is one way of being difficult; all do the same work (stress_work.h).
//
//   stress_client DEVICE MODE SEED ROUNDS [SILENT_FILE]
//
// Counts in the report at descriptor 3, says "done" on stdout when it has done its rounds, and ends when its
// stdin does. Built for 64 bits, for 32 bits, and with INT80 for 64-bit code that enters by `int 0x80`.

#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/time.h>

#include "stress_silent.h"
#include "stress_work.h"

static uint32_t rounds;

static void plain(void) {
    struct worker self = make_worker(0);
    work(&self, rounds);
}

static void on_alarm(int number) {
    (void)number;
}

static void start_interval_timer(void) {
    const struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    check(sigaction(SIGALRM, &action, NULL) == 0, "sigaction");
    const struct itimerval interval = {{0, 500}, {0, 500}};
    check(setitimer(ITIMER_REAL, &interval, NULL) == 0, "setitimer");
}

enum { THREADS = 8 };

static void* work_in_crowd(void* self) {
    work(self, rounds / THREADS);
    return NULL;
}

static void run_threads(int may_be_frozen) {
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    for (uint32_t i = 0; i < THREADS; ++i) {
        workers[i] = make_worker(i);
        workers[i].alone = 0;
        workers[i].may_be_frozen = may_be_frozen;
        check(pthread_create(&threads[i], NULL, work_in_crowd, &workers[i]) == 0, "pthread_create");
    }
    for (int i = 0; i < THREADS; ++i) {
        pthread_join(threads[i], NULL);
    }
}

static void crowd(void) {
    start_interval_timer();
    run_threads(0);
    const struct itimerval off = {{0, 0}, {0, 0}};
    check(setitimer(ITIMER_REAL, &off, NULL) == 0, "setitimer");
}

static void frozen(void) {
    run_threads(1);
}

static void* work_with_own_table(void* unused) {
    check(unshare(CLONE_FILES) == 0, "unshare");
    for (int i = 0; i < 20; ++i) {
        check(dup(device) >= 0, "dup");  // the leader's table has none of these
    }
    plain();
    return unused;
}

static void own_table(void) {
    pthread_t thread;
    check(pthread_create(&thread, NULL, work_with_own_table, NULL) == 0, "pthread_create");
    pthread_join(thread, NULL);
}

static void in_namespaces(void) {
    struct pollfd parent = {.fd = (int)syscall(SYS_pidfd_open, getpid(), 0), .events = POLLIN};
    check(parent.fd >= 0, "pidfd_open");
    check(unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC) == 0, "unshare");
    const pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {  // process 1 of its namespace
        check(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl");
        if (poll(&parent, 1, 0) != 0) {
            _exit(0);  // it has ended before this one would have been told
        }
        ion_channel_close(&channel);
        check(ion_channel_open(&channel, device) == 0, "channel");
        plain();
        _exit(0);
    }
    int status = 0;
    check(waitpid(child, &status, 0) == child && status == 0, "child in namespaces");
}

// Kills on every call but those below, as strict sandboxes do. What injection runs is not among them.
static void filtered(void) {
    struct worker self = make_worker(0);
    self.confined = 1;
#define ALLOW(call) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
    const struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(ioctl),
        ALLOW(recvmsg),
        ALLOW(fcntl),
        ALLOW(close),
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(clock_gettime),
        ALLOW(getpid),
        ALLOW(gettid),
        ALLOW(read),
        ALLOW(write),
        ALLOW(exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog filter = {sizeof program / sizeof program[0], (struct sock_filter*)program};
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS");
    check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0, "PR_SET_SECCOMP");
    work(&self, rounds);
}

#if defined(__x86_64__)
// A stack of 4 KiB, all but 128 bytes of it in use during the call, right above memory in which another thread
// counts (as with makecontext or goroutines).
enum { COUNTERS = 80, LEFT_OF_STACK = 128 };
static char* region;
static volatile int neighbour_stops;
static long lost;

static void* neighbour(void* unused) {
    volatile uint64_t* words = (void*)(region + PAGE - COUNTERS * sizeof *words);
    uint64_t expected[COUNTERS] = {0};
    while (!neighbour_stops) {
        for (int i = 0; i < COUNTERS; ++i) {
            lost += words[i] != expected[i];
            words[i] = expected[i] = words[i] + 1;
        }
        sched_yield();
    }
    return unused;
}

static int enter_on_small_stack(struct allocation* argument) {
    long result = SYS_ioctl;
    __asm__ volatile("mov %%rsp, %%rbx\n mov %[stack], %%rsp\n syscall\n mov %%rbx, %%rsp"
                     : "+a"(result)
                     : "D"((long)device), "S"(ALLOCATE),
                       "d"(argument), [stack] "r"(region + PAGE + LEFT_OF_STACK)
                     : "rbx", "rcx", "r11", "memory");
    return (int)result;
}

static void small_stack(void) {
    region = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(region != MAP_FAILED, "mmap");
    pthread_t thread;
    check(pthread_create(&thread, NULL, neighbour, NULL) == 0, "pthread_create");
    struct worker self = make_worker(0);
    self.enter = enter_on_small_stack;
    work(&self, rounds);
    neighbour_stops = 1;
    pthread_join(thread, NULL);
    errno = 0;
    check(lost == 0, "the neighbour of a small stack lost counts");
}
#endif

static const struct {
    const char* name;
    void (*run)(void);
} modes[] = {
    {"plain", plain},
    {"crowd", crowd},
    {"frozen", frozen},
    {"own-table", own_table},
    {"namespaces", in_namespaces},
    {"filtered", filtered},
    {"silent-argument", silent_argument},
    {"silent-array", silent_array},
    {"silent-later", silent_later},
#if defined(__x86_64__)
    {"small-stack", small_stack},
#endif
};

/// Says that all rounds are done, stays until the test has looked at the process, and ends it.
static void park(void) {
    check(write(STDOUT_FILENO, "done\n", 5) == 5, "write");
    char byte;
    while (read(STDIN_FILENO, &byte, 1) != 0) {
    }
    _exit(0);
}

static void* work_without_leader(void* unused) {
    plain();
    park();
    return unused;
}

int main(int argc, char** argv) {
    check(argc >= 5, "usage: stress_client DEVICE MODE SEED ROUNDS [SILENT_FILE]");
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED, STRESS_REPORT_FD, 0);
    check(report != MAP_FAILED, "the report");
    close(STRESS_REPORT_FD);
    seed = (uint32_t)strtoul(argv[3], NULL, 0);
    rounds = (uint32_t)strtoul(argv[4], NULL, 0);
    silent_file = argc > 5 ? argv[5] : "";
    device = open(argv[1], O_RDWR | O_CLOEXEC);
    check(device >= 0, "the device");
    const int failed = ion_channel_open(&channel, device);
    errno = -failed;
    check(failed == 0, "channel");
    if (!strcmp(argv[2], "leaderless")) {
        pthread_t thread;
        check(pthread_create(&thread, NULL, work_without_leader, NULL) == 0, "pthread_create");
        syscall(SYS_exit, 0);
    }
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; ++i) {
        if (!strcmp(argv[2], modes[i].name)) {
            modes[i].run();
            park();
        }
    }
    fprintf(stderr, "stress_client: unknown mode %s\n", argv[2]);
    return 2;
}
