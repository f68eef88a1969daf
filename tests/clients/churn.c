// SPDX-License-Identifier: Apache-2.0
//
// A client under load: it keeps allocating buffers, writing patterns, checking and freeing them, until it is told to
// stop. Exit status 0 when every call was answered, every pattern was intact to the end, and nothing showed that a
// call had been carried out twice: then a handle would be left or missing, or a descriptor be left.
//
//   churn DEVICE KIND THREADS SEED PAGE_FD
//
// KIND: c (descriptors, generation C), b (handles, generation B), a (handles as pointers, generation A), channel (the
// library's way). PAGE_FD: an inherited descriptor of a struct churn_page.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "churn.h"
#include "client/src/channel.h"

struct allocation_c {
    uint64_t len;
    uint32_t heap_id_mask, flags, fd, unused;
};
struct allocation_b {
    size_t len, align;
    unsigned heap_id_mask, flags;
    int handle;
};
struct handle_b {
    int handle;
};
struct fd_b {
    int handle, fd;
};
struct handle_a {
    void* handle;
};
struct fd_a {
    void* handle;
    int fd;
};
#define ALLOC_C _IOWR('I', 0, struct allocation_c)
#define ALLOC_B \
    _IOWR('I', 0, struct allocation_b)  // generation A's as well: its handle takes the padding, too
#define FREE_B _IOWR('I', 1, struct handle_b)
#define SHARE_B _IOWR('I', 4, struct fd_b)
#define IMPORT_B _IOWR('I', 5, struct fd_b)
#define FREE_A _IOWR('I', 1, struct handle_a)
#define SHARE_A _IOWR('I', 4, struct fd_a)
#define IMPORT_A _IOWR('I', 5, int)

enum { BUFFERS = 8, PAGES_AT_MOST = 16, PAGE = 4096 };

struct buffer {
    int fd, handle;
    uint32_t* words;
    size_t size;
    uint32_t seed;
};

static int device;
static const char* kind;
static int has_handles, has_pointers;  // what `kind` says
static int threads;
static struct churn_page* page;
static struct ion_channel channel;

#define CHECK(condition)                                                                              \
    do {                                                                                              \
        if (!(condition)) {                                                                           \
            fprintf(stderr, "churn %s (%d): line %d: %s: %s\n", kind, getpid(), __LINE__, #condition, \
                    strerror(errno));                                                                 \
            exit(1);                                                                                  \
        }                                                                                             \
    } while (0)

static void count_call(void) {
    if (atomic_fetch_add(&page->progress, 1) + 1 == atomic_load(&page->target)) {
        syscall(SYS_futex, &page->progress, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

#define CALL(call)          \
    do {                    \
        CHECK((call) >= 0); \
        count_call();       \
    } while (0)

// Of the default configuration's heaps: system and carveout.
static uint32_t heap_for(uint32_t chance) {
    return chance & 1 ? 1u << 0 : 1u << 2;
}

static int alloc_handle(size_t size, uint32_t heaps) {
    struct allocation_b data = {.len = size, .heap_id_mask = heaps};
    CALL(ioctl(device, ALLOC_B, &data));
    return data.handle;
}

static int free_handle(int handle) {
    struct handle_a wide = {(void*)(intptr_t)handle};
    struct handle_b narrow = {handle};
    return has_pointers ? ioctl(device, FREE_A, &wide) : ioctl(device, FREE_B, &narrow);
}

static int share_handle(int handle) {
    struct fd_a wide = {.handle = (void*)(intptr_t)handle};
    struct fd_b narrow = {.handle = handle};
    CALL(has_pointers ? ioctl(device, SHARE_A, &wide) : ioctl(device, SHARE_B, &narrow));
    return has_pointers ? wide.fd : narrow.fd;
}

static int import_handle(int fd) {
    struct fd_a wide = {.fd = fd};
    struct fd_b narrow = {.fd = fd};
    CALL(has_pointers ? ioctl(device, IMPORT_A, &wide) : ioctl(device, IMPORT_B, &narrow));
    return has_pointers ? (int)(intptr_t)wide.handle : narrow.handle;
}

static void allocate(struct buffer* b, uint32_t chance) {
    b->size = (1 + (chance >> 1) % PAGES_AT_MOST) * PAGE;
    b->seed = chance;
    if (has_handles) {
        b->handle = alloc_handle(b->size, heap_for(chance));
        b->fd = share_handle(b->handle);
    } else if (!strcmp(kind, "c")) {
        struct allocation_c data = {.len = b->size, .heap_id_mask = heap_for(chance)};
        CALL(ioctl(device, ALLOC_C, &data));
        b->fd = (int)data.fd;
    } else {
        b->fd = ion_channel_alloc(&channel, b->size, heap_for(chance), 0);
        errno = -b->fd;
        CALL(b->fd);
    }
    b->words = mmap(NULL, b->size, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
    CHECK(b->words != MAP_FAILED);
    for (size_t i = 0; i < b->size / 4; ++i) {
        CHECK(b->words[i] == 0);
        b->words[i] = b->seed + (uint32_t)i * 2654435761u;
    }
}

// A FREE too many, and the handle is another buffer's or nobody's.
static void check_handle(const struct buffer* b) {
    CHECK(import_handle(b->fd) == b->handle);
    CALL(free_handle(b->handle));
    const int again = share_handle(b->handle);
    struct stat shared, own;
    CHECK(fstat(again, &shared) == 0 && fstat(b->fd, &own) == 0 && shared.st_ino == own.st_ino);
    CHECK(close(again) == 0);
}

static void check(const struct buffer* b) {
    for (size_t i = 0; i < b->size / 4; ++i) {
        CHECK(b->words[i] == b->seed + (uint32_t)i * 2654435761u);
    }
    if (has_handles) {
        check_handle(b);
    }
}

static void drop(struct buffer* b) {
    check(b);
    CHECK(munmap(b->words, b->size) == 0);
    CHECK(close(b->fd) == 0);
    if (has_handles) {
        CALL(free_handle(b->handle));
        CHECK(threads > 1 || (free_handle(b->handle) < 0 && errno == EINVAL));  // an IMPORT too many
    }
    b->words = NULL;
}

// Handles are the lowest free numbers: an ALLOC too many has kept one of these.
static void check_that_no_handle_is_left(void) {
    for (int i = 1; i <= threads * BUFFERS + 1; ++i) {
        CHECK(alloc_handle(PAGE, heap_for(0)) == i);
    }
}

static int open_descriptors(void) {
    DIR* directory = opendir("/proc/self/fd");
    CHECK(directory != NULL);
    int count = 0;
    while (readdir(directory) != NULL) {
        ++count;
    }
    closedir(directory);
    return count;
}

static void* churn(void* seed) {
    unsigned state = (unsigned)(uintptr_t)seed;
    struct buffer buffers[BUFFERS] = {0};
    while (!atomic_load(&page->stop)) {
        struct buffer* b = &buffers[rand_r(&state) % BUFFERS];
        if (b->words == NULL) {
            allocate(b, (uint32_t)rand_r(&state));
        } else if (rand_r(&state) % 2) {
            check(b);
        } else {
            drop(b);
        }
    }
    for (int i = 0; i < BUFFERS; ++i) {
        if (buffers[i].words != NULL) {
            drop(&buffers[i]);
        }
    }
    return NULL;
}

int main(int argc, char** argv) {
    if (argc != 6) {
        return 2;
    }
    kind = argv[2];
    has_pointers = !strcmp(kind, "a");
    has_handles = has_pointers || !strcmp(kind, "b");
    threads = atoi(argv[3]);
    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[5]), 0);
    CHECK(page != MAP_FAILED);
    device = open(argv[1], O_RDWR | O_CLOEXEC);
    CHECK(device >= 0);
    if (!strcmp(kind, "channel")) {
        errno = -ion_channel_open(&channel, device);
        CHECK(errno == 0);
    }
    const int descriptors = open_descriptors();
    pthread_t ids[16];
    CHECK(threads > 0 && threads <= 16);
    for (int i = 0; i < threads; ++i) {
        CHECK(pthread_create(&ids[i], NULL, churn, (void*)(uintptr_t)(atoi(argv[4]) + i)) == 0);
    }
    for (int i = 0; i < threads; ++i) {
        pthread_join(ids[i], NULL);
    }
    CHECK(open_descriptors() == descriptors);
    if (has_handles) {
        check_that_no_handle_is_left();
    }
    return 0;
}
