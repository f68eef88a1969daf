// SPDX-License-Identifier: Apache-2.0
//
// The allocation call of injectee.c, by whichever way into the kernel it is built for, and what must be true
// of it.

#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

struct allocation {
    uint64_t length;
    uint32_t heap_mask, flags, fd, unused;
};
#define ALLOCATE _IOWR('I', 0, struct allocation)

// What the test's server understands of `flags`.
enum { KEEP_ON_EXEC = 1, ERRNO_IN_FD = 2, SUCCEED_ON_FAILURE = 4 };

enum { CALLS = 50, MAGIC = 0x10f0 };

static int node;

#define CHECK(condition)                                                                             \
    do {                                                                                             \
        if (!(condition)) {                                                                          \
            fprintf(stderr, "injectee: %d: %s (errno %s)\n", __LINE__, #condition, strerror(errno)); \
            exit(1);                                                                                 \
        }                                                                                            \
    } while (0)

static int call_node(struct allocation* data) {
#ifdef INT80
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(54L), "b"((long)node), "c"((long)ALLOCATE), "d"(data)
                     : "memory", "r8", "r9", "r10", "r11");
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return (int)result;
#else
    return ioctl(node, ALLOCATE, data);
#endif
}

// Memory for one struct, where 32-bit pointers reach.
static struct allocation* new_allocation(uint32_t flags) {
    int where = 0;
#ifdef INT80
    where = MAP_32BIT;
#endif
    struct allocation* data =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | where, -1, 0);
    CHECK(data != MAP_FAILED);
    *data = (struct allocation){.length = 4096, .heap_mask = 1, .flags = flags, .fd = ~0u};
    return data;
}

static int lowest_free(void) {
    const int fd = fcntl(node, F_DUPFD, 0);
    CHECK(fd >= 0);
    close(fd);
    return fd;
}

// One call that must succeed; leaves the descriptor open.
static int allocate(uint32_t flags) {
    struct allocation* data = new_allocation(flags);
    CHECK(call_node(data) == 0);
    const int fd = (int)data->fd;
    CHECK(fd >= 0);
    uint32_t* memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(memory != MAP_FAILED);
    CHECK(memory[0] == MAGIC);
    CHECK(fcntl(fd, F_GETFD) == (flags & KEEP_ON_EXEC ? 0 : FD_CLOEXEC));
    munmap(memory, 4096);
    munmap(data, 4096);
    return fd;
}

static void* calls(void* unused) {
    for (int i = 0; i < CALLS; ++i) {
        const int expected = lowest_free();
        const int fd = allocate(i % 2 ? KEEP_ON_EXEC : 0);
        CHECK(fd == expected);
        close(fd);
    }
    return unused;
}
