// SPDX-License-Identifier: Apache-2.0
//
// Threads as Go makes them: by clone, on stacks of 2 KiB in the middle of other memory, without a C library, every
// call by the instruction itself, and stopped by signals on stacks of their own at any time.
//
//   raw_threads DEVICE
//
// Says "done" when every call of every thread was answered as it must be and no memory near a stack has changed.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct alloc_c {
    uint64_t len;
    uint32_t heap_mask, flags, fd, unused;
};
#define ALLOC_C _IOWR('I', 0, struct alloc_c)

enum { THREADS = 24, ROUNDS = 100, STACK = 2048, AROUND = 1024, PAGE = 4096, FILLER = 0x6f };

struct thread {
    unsigned char below[AROUND];
    unsigned char stack[STACK];
    unsigned char above[AROUND];
    unsigned char signal_stack[32768];
    atomic_int alive;  // its number; cleared by the kernel at its end
    int failed;        // line of what went wrong
};

static struct thread threads[THREADS];
static const char* device;
static sigset_t urgent;  // blocked in a thread until it has a stack for signals

static long raw(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "+a"(number)
                     : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return number;
}

#define EXPECT(condition)                    \
    do {                                     \
        if (!(condition)) {                  \
            self->failed = __LINE__;         \
            raw(SYS_exit, 1, 0, 0, 0, 0, 0); \
        }                                    \
    } while (0)

static void run(struct thread* self) {
    const stack_t own = {.ss_sp = self->signal_stack, .ss_size = sizeof self->signal_stack};
    EXPECT(raw(SYS_sigaltstack, (long)&own, 0, 0, 0, 0, 0) == 0);
    EXPECT(raw(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&urgent, 0, 8, 0, 0) == 0);
    for (int i = 0; i < ROUNDS; ++i) {
        const long ion = raw(SYS_openat, AT_FDCWD, (long)device, O_RDWR | O_CLOEXEC, 0, 0, 0);
        EXPECT(ion >= 0);
        struct alloc_c data = {.len = PAGE, .heap_mask = 1};
        EXPECT(raw(SYS_ioctl, ion, ALLOC_C, (long)&data, 0, 0, 0) == 0);
        const long at = raw(SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, (long)data.fd, 0);
        EXPECT(at > 0);
        volatile uint32_t* words = (volatile uint32_t*)at;
        EXPECT(words[0] == 0);
        words[0] = 1;
        EXPECT(raw(SYS_munmap, at, PAGE, 0, 0, 0, 0) == 0);
        EXPECT(raw(SYS_close, (long)data.fd, 0, 0, 0, 0, 0) == 0);
        EXPECT(raw(SYS_close, ion, 0, 0, 0, 0, 0) == 0);
    }
    raw(SYS_exit, 0, 0, 0, 0, 0, 0);
}

/// The new thread finds what to run, and for whom, on its stack.
static long start(struct thread* self) {
    void** top = (void**)(self->stack + STACK) - 2;
    top[0] = (void*)run;
    top[1] = self;
    const long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                       CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    register atomic_int* clear __asm__("r10") = &self->alive;
    long result = SYS_clone;
    __asm__ volatile(
        "syscall\n test %%rax, %%rax\n jnz 1f\n pop %%rax\n pop %%rdi\n xor %%ebp, %%ebp\n call *%%rax\n1:"
        : "+a"(result)
        : "D"(flags), "S"(top), "d"(&self->alive), "r"(clear)
        : "rcx", "r11", "memory");
    return result;
}

static void ignore(int number) {
    (void)number;
}

static int untouched(const unsigned char* bytes) {
    for (int i = 0; i < AROUND; ++i) {
        if (bytes[i] != FILLER) {
            return 0;
        }
    }
    return 1;
}

int main(int argc, char** argv) {
    const struct sigaction preempt = {.sa_handler = ignore, .sa_flags = SA_RESTART | SA_ONSTACK};
    if (argc != 2 || sigaction(SIGURG, &preempt, NULL) != 0) {
        return 2;
    }
    device = argv[1];
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    sigprocmask(SIG_BLOCK, &urgent, NULL);
    for (int i = 0; i < THREADS; ++i) {
        memset(threads[i].below, FILLER, AROUND);
        memset(threads[i].above, FILLER, AROUND);
        if (start(&threads[i]) < 0) {
            return 1;
        }
    }
    for (int i = 0, alive; i < THREADS; ++i) {
        while ((alive = atomic_load(&threads[i].alive)) != 0) {
            syscall(SYS_tgkill, getpid(), alive, SIGURG);
            sched_yield();
        }
        if (threads[i].failed != 0 || !untouched(threads[i].below) || !untouched(threads[i].above)) {
            printf("thread %d: line %d\n", i, threads[i].failed);
            return 1;
        }
    }
    puts("done");
    return 0;
}
