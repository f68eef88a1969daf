// SPDX-License-Identifier: Apache-2.0
//
// What every thread of a stress client does: allocate by either way, check number, zeroes and pattern, pass the
// buffer on to another process now and then, close. Whatever is wrong ends the process with status 1.

#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "client/src/channel.h"
#include "share.h"
#include "stress_report.h"

struct allocation {
    uint64_t length;
    uint32_t heap_mask, flags, fd, unused;
};
#define ALLOCATE _IOWR('I', 0, struct allocation)

enum { PAGE = 4096, SYSTEM_HEAP = 1 << 0, CARVEOUT_HEAP = 1 << 2 };

/// Of the process.
static struct stress_report* report;
static struct ion_channel channel;
static int device;
static uint32_t seed;

/// Enters the kernel with ALLOCATE: 0 or -errno.
typedef int (*entry)(struct allocation* argument);

/// One thread.
struct worker {
    entry enter;
    struct allocation* argument;
    uint32_t random;
    uint32_t rounds;    ///< so far
    int alone;          ///< nobody else changes the descriptor table, so numbers can be foretold
    int confined;       ///< under a seccomp filter: injection may be refused, and nothing else is done
    int may_be_frozen;  ///< so calls may expire
};

static inline int enter_by_libc(struct allocation* argument) {
    return ioctl(device, ALLOCATE, argument) == 0 ? 0 : -errno;
}

#if defined(__x86_64__)
static inline int enter_by_int80(struct allocation* argument) {
    long result = 54;  // ioctl of 32-bit programs
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     : "b"((long)device), "c"((long)ALLOCATE), "d"(argument)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}
#define LOW MAP_32BIT
#else
#define LOW 0
#endif

#ifdef INT80
#define ENTER enter_by_int80
#else
#define ENTER enter_by_libc
#endif

/// xorshift: repeatable, and a state for each thread.
static inline uint32_t dice(struct worker* self, uint32_t sides) {
    self->random ^= self->random << 13;
    self->random ^= self->random >> 17;
    self->random ^= self->random << 5;
    return self->random % sides;
}

/// The `number`th thread of this process. Its argument lies where `int 0x80` can reach it.
static inline struct worker make_worker(uint32_t number) {
    void* page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | LOW, -1, 0);
    check(page != MAP_FAILED, "mmap");
    return (struct worker){
        .enter = ENTER, .argument = page, .random = (seed + number * 7919) * 2654435761u | 1u, .alone = 1};
}

static inline int lowest_free(void) {
    const int fd = fcntl(device, F_DUPFD_CLOEXEC, 0);
    check(fd >= 0, "dup");
    close(fd);
    return fd;
}

static inline void take_sample(enum stress_way way, uint32_t phase, const struct timespec* begin) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    const uint32_t at = stress_add(&report->samples[phase][way], 1);
    if (at < STRESS_SAMPLES) {
        stress_set(&report->nanoseconds[phase][way][at],
                   (uint32_t)((end.tv_sec - begin->tv_sec) * 1000000000LL + end.tv_nsec - begin->tv_nsec));
    }
}

/// A descriptor or -errno.
static inline int allocate(struct worker* self, enum stress_way way, size_t size, uint32_t heaps) {
    struct timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    const uint32_t phase = stress_get(&report->phase);
    int fd;
    stress_add(&report->in_call, 1);
    if (way == STRESS_BY_CHANNEL) {
        fd = ion_channel_alloc(&channel, size, heaps, 0);
    } else {
        *self->argument = (struct allocation){.length = size, .heap_mask = heaps, .fd = ~0u};
        const int failed = self->enter(self->argument);
        fd = failed < 0 ? failed : (int)self->argument->fd;
    }
    stress_add(&report->in_call, ~0u);
    take_sample(way, phase, &begin);
    return fd;
}

/// The processes that are handed a buffer must not outlive the one that is killed.
static inline void die_with(pid_t parent) {
    check(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl");
    if (getppid() != parent) {
        _exit(0);
    }
}

static inline void await_reader(pid_t reader) {
    int status = 0;
    check(waitpid(reader, &status, 0) == reader, "waitpid");
    if (status != 0) {
        fprintf(stderr, "reader: status %#x\n", (unsigned)status);
        exit(1);
    }
    stress_add(&report->passed_on, 1);
}

/// A forked child has the descriptor and the mapping by inheritance.
static inline void inherit(const uint32_t* words, int fd, size_t size, uint32_t value) {
    const pid_t parent = getpid();
    const pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        die_with(parent);
        check_pattern(words, size, value);
        check_pattern(map_buffer(fd, size), size, value);
        _exit(0);
    }
    await_reader(child);
}

/// Another process gets it over a socket, and answers by a pattern of its own.
static inline void send_over(const uint32_t* words, int fd, size_t size, uint32_t value) {
    int ends[2];
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
    const pid_t parent = getpid();
    const pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        die_with(parent);
        check(dup2(ends[1], STDIN_FILENO) == STDIN_FILENO, "dup2");
        check(dup2(ends[0], STDOUT_FILENO) == STDOUT_FILENO, "dup2");  // the parent's death is not to be read
        check(close_range(3, ~0U, 0) == 0, "close_range");
        uint32_t* mapped = map_buffer(receive_descriptor(STDIN_FILENO), size);
        check_pattern(mapped, size, value);
        write_pattern(mapped, size, ~value);
        _exit(0);
    }
    send_descriptor(ends[0], fd);
    await_reader(child);
    check_pattern(words, size, ~value);
    close(ends[0]);
    close(ends[1]);
}

static inline void use_buffer(struct worker* self, int fd, size_t size) {
    const uint32_t value =
        (uint32_t)getpid() * 0x9e3779b9u ^ (uint32_t)syscall(SYS_gettid) * 0x85ebca6bu ^ self->rounds;
    uint32_t* words = map_buffer(fd, size);
    check_zeroed(words, size);
    write_pattern(words, size, value);
    const uint32_t passing = self->confined ? 0 : dice(self, 24);
    if (passing == 1) {
        inherit(words, fd, size, value);
    } else if (passing == 2) {
        send_over(words, fd, size, value);
    }
    if (passing != 2) {
        check_pattern(words, size, value);
    }
    check(munmap(words, size) == 0, "munmap");
}

/// One buffer, injected and through the channel in turn.
static inline void work_once(struct worker* self) {
    const enum stress_way way = self->rounds++ % 2 == 0 ? STRESS_INJECTED : STRESS_BY_CHANNEL;
    const size_t size = PAGE * (dice(self, 64) == 0 ? 256 : 1 + dice(self, 16));
    const int expected = self->alone ? lowest_free() : -1;
    const int fd = allocate(self, way, size, dice(self, 2) == 0 ? SYSTEM_HEAP : CARVEOUT_HEAP);
    if (fd == -EPERM && self->confined) {
        stress_add(&report->refused, 1);
        return;
    }
    if (fd == -EIO && self->may_be_frozen) {
        stress_add(&report->expired, 1);
        return;
    }
    errno = fd < 0 ? -fd : 0;
    check(fd >= 0, way == STRESS_INJECTED ? "injected allocation" : "allocation by channel");
    check(!self->alone || fd == expected, "not the lowest free number");
    check((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "not close-on-exec");
    stress_add(&report->allocations[way], 1);
    use_buffer(self, fd, size);
    check(close(fd) == 0, "close");
}

static inline void work(struct worker* self, uint32_t rounds) {
    while (rounds-- > 0 && stress_get(&report->stop) == 0) {
        work_once(self);
    }
}
