// SPDX-License-Identifier: Apache-2.0
//
// Fills every byte of every buffer that it gets, and looks for what others have left in it.
//
//   fill DEVICE HEAP_MASK SEED
//
// Keeps a few buffers at a time, of six sizes, by libion, until its input ends. Of each it keeps a path descriptor
// (O_PATH), no use of the buffer, and goes back by it when the buffer is gone: what it writes there must not be seen
// either. Says "filled" after every 20 buffers. Exit status 1, with the place, for the first byte that was not 0.

#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>

#include <ion/ion.h>

#include "share.h"

enum { kAtOnce = 4, kPageBytes = 4096, kReport = 20 };

static const size_t kPages[] = {1, 2, 16, 65, 256, 2048};
enum { kSizes = sizeof kPages / sizeof *kPages };

struct buffer {
    int fd;
    int path; /* -1: not even that */
};

static void proc_name(char* name, size_t room, int fd) {
    snprintf(name, room, "/proc/self/fd/%d", fd);
}

/// A buffer that was zeroed, full of a pattern from here on; also when it is mapped no more.
static struct buffer fill_one(int device, uint32_t heap_mask, size_t size, uint32_t seed) {
    struct buffer one = {.fd = -1};
    errno = -ion_alloc_fd(device, size, 0, heap_mask, 0, &one.fd);
    check(errno == 0, "ion_alloc_fd");
    uint32_t* words = map_buffer(one.fd, size);
    check_zeroed(words, size);
    write_pattern(words, size, seed | 1);
    check(munmap(words, size) == 0, "munmap");
    char name[32];
    proc_name(name, sizeof name, one.fd);
    one.path = open(name, O_PATH | O_CLOEXEC);
    return one;
}

/// Gives a buffer up, and tries to write to it afterwards.
static void give_up(struct buffer one) {
    if (one.fd < 0) {
        return;
    }
    check(close(one.fd) == 0, "close");
    char name[32];
    proc_name(name, sizeof name, one.path);
    const int again = one.path < 0 ? -1 : open(name, O_RDWR | O_CLOEXEC); /* a dma-buf refuses */
    if (again >= 0) {
        char dirt[kPageBytes];
        memset(dirt, 0xD1, sizeof dirt);
        check(pwrite(again, dirt, sizeof dirt, 0) == sizeof dirt, "pwrite");
        check(close(again) == 0, "close");
    }
    if (one.path >= 0) {
        check(close(one.path) == 0, "close");
    }
}

static int input_has_ended(void) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, 0) > 0;
}

int main(int argc, char** argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: %s DEVICE HEAP_MASK SEED\n", argv[0]);
        return 2;
    }
    const int device = open(argv[1], O_RDWR | O_CLOEXEC);
    check(device >= 0, argv[1]);
    const uint32_t heap_mask = (uint32_t)strtoul(argv[2], NULL, 0);
    const uint32_t seed = (uint32_t)strtoul(argv[3], NULL, 10);
    srandom(seed);
    struct buffer held[kAtOnce];
    for (size_t i = 0; i < kAtOnce; i++) {
        held[i] = (struct buffer){-1, -1};
    }
    for (uint32_t round = 1; !input_has_ended(); round++) {
        struct buffer* const place = &held[(size_t)random() % kAtOnce];
        give_up(*place);
        const size_t size = kPages[(size_t)random() % kSizes] * kPageBytes;
        *place = fill_one(device, heap_mask, size, (seed << 16) + round);
        if (round % kReport == 0) {
            say("filled");
        }
    }
    for (size_t i = 0; i < kAtOnce; i++) {
        give_up(held[i]);
    }
    return 0;
}
