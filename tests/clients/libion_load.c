// SPDX-License-Identifier: Apache-2.0
//
// Many threads allocate through one descriptor of libion, and children through it and what they inherited. Every
// buffer gets a length and a pattern of its own and is looked at again when others have come after it.
//
//   libion_load MODE THREADS ROUNDS
//
// MODE: "channel", by ion_alloc_fd; "ioctl", by the command of <linux/ion_4.12.h>, past the library; "fork", as
// "channel", while the main thread forks one child for each thread, which allocates too. Says "more" after every 50
// rounds of a thread or child. Exit status 0: nothing was mixed up, and the channel was used or not as expected.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <ion/ion.h>
#include <linux/ion_4.12.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT = 50, PAGE = 4096, PAGES_AT_MOST = 8, KEPT = 6, SYSTEM = 1 << 0 };

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "libion_load (%d): line %d: %s: %s\n", getpid(), __LINE__, #condition, \
                    strerror(errno));                                                              \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

struct buffer {
    int fd;
    uint32_t* words;
    size_t size;
    uint32_t seed;
};

static int device;
static int past_library;
static int rounds;

static int allocate_fd(size_t size) {
    int fd = -1;
    if (past_library) {
        struct ion_new_allocation_data data = {.len = size, .heap_id_mask = SYSTEM};
        CHECK(ioctl(device, ION_IOC_NEW_ALLOC, &data) == 0);
        return (int)data.fd;
    }
    errno = -ion_alloc_fd(device, size, 0, SYSTEM, 0, &fd);
    CHECK(errno == 0);
    return fd;
}

static struct buffer allocate(uint32_t seed) {
    struct buffer made = {.seed = seed, .size = (1 + seed % PAGES_AT_MOST) * PAGE};
    made.fd = allocate_fd(made.size);
    struct stat status;
    CHECK(fstat(made.fd, &status) == 0 && lseek(made.fd, 0, SEEK_END) == (off_t)made.size);
    made.words = mmap(NULL, made.size, PROT_READ | PROT_WRITE, MAP_SHARED, made.fd, 0);
    CHECK(made.words != MAP_FAILED);
    for (size_t i = 0; i < made.size / sizeof *made.words; ++i) {
        CHECK(made.words[i] == 0);
        made.words[i] = seed + (uint32_t)i * 2654435761u;
    }
    return made;
}

static void drop(const struct buffer* one) {
    for (size_t i = 0; i < one->size / sizeof *one->words; ++i) {
        CHECK(one->words[i] == one->seed + (uint32_t)i * 2654435761u);
    }
    CHECK(munmap(one->words, one->size) == 0 && close(one->fd) == 0);
}

/// `context`: a number that no other thread or child has.
static void* work(void* context) {
    struct buffer kept[KEPT] = {0};
    for (int round = 0; round < rounds; ++round) {
        struct buffer* place = &kept[round % KEPT];
        if (place->words != NULL) {
            drop(place);
        }
        *place = allocate((uint32_t)(uintptr_t)context * 100003u + (uint32_t)round);
        if ((round + 1) % REPORT == 0) {
            CHECK(write(STDOUT_FILENO, "more\n", 5) == 5);
        }
    }
    for (int i = 0; i < KEPT; ++i) {
        if (kept[i].words != NULL) {
            drop(&kept[i]);
        }
    }
    return NULL;
}

static int open_sockets(void) {
    DIR* numbers = opendir("/proc/self/fd");
    CHECK(numbers != NULL);
    int count = 0;
    for (struct dirent* entry = readdir(numbers); entry != NULL; entry = readdir(numbers)) {
        struct stat status;
        count += fstat(atoi(entry->d_name), &status) == 0 && S_ISSOCK(status.st_mode);
    }
    closedir(numbers);
    return count;
}

static pid_t start_child(int number) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        work((void*)(uintptr_t)(1000 + number));
        CHECK(open_sockets() == 1);  // its own channel; the parent's is closed
        CHECK(ion_close(device) == 0 && open_sockets() == 0);
        exit(0);
    }
    return child;
}

int main(int argc, char** argv) {
    CHECK(argc == 4);
    past_library = strcmp(argv[1], "ioctl") == 0;
    const int forks = strcmp(argv[1], "fork") == 0;
    const int count = atoi(argv[2]);
    rounds = atoi(argv[3]);
    device = ion_open();
    CHECK(device >= 0 && count > 0 && count <= 64);
    if (forks) {
        const struct buffer first = allocate(1);  // children inherit an open channel
        drop(&first);
    }
    pthread_t threads[64];
    pid_t children[64];
    for (int i = 0; i < count; ++i) {
        CHECK(pthread_create(&threads[i], NULL, work, (void*)(uintptr_t)(i + 1)) == 0);
    }
    for (int i = 0; i < count && forks; ++i) {
        children[i] = start_child(i);
    }
    for (int i = 0; i < count; ++i) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    for (int i = 0; i < count && forks; ++i) {
        int status = -1;
        CHECK(waitpid(children[i], &status, 0) == children[i] && status == 0);
    }
    CHECK(open_sockets() == (past_library ? 0 : 1));
    CHECK(ion_close(device) == 0 && open_sockets() == 0);
    return 0;
}
