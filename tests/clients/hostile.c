// SPDX-License-Identifier: Apache-2.0
//
// Clients that mean harm.
//
//   hostile DEVICE random SEED COUNT   commands and arguments at random, half of them near to real ones
//   hostile DEVICE channel             descriptors given to the daemon that are no channel
//   hostile DEVICE memory FILE         arguments behind which lies a mapping of FILE, which is never read, and another
//                                      thread that calls meanwhile

#define _GNU_SOURCE
#include <pthread.h>

#include "semantics.h"

struct query {
    uint32_t count, reserved0;
    uint64_t heaps;
    uint32_t reserved1, reserved2;
};

static unsigned state;
static uint32_t chance(uint32_t below) {
    return (uint32_t)rand_r(&state) % below;
}

static unsigned long random_command(void) {
    static const unsigned sizes[] = {0, 4, 8, 16, 20, 24, 32, 33, 52, 4095};
    if (chance(8) == 0) {
        return (unsigned)rand_r(&state) * 2 + chance(2);
    }
    const unsigned direction = chance(8) == 0 ? chance(4) : 3;
    const unsigned number = chance(8) == 0 ? 0xC0 + chance(3) : chance(25);
    const unsigned magic = chance(4) == 0 ? 'M' : 'I';
    return _IOC(direction, magic, number, sizes[chance(sizeof sizes / sizeof *sizes)]);
}

/// Words that mean something: small numbers, descriptors, addresses, extremes.
static void fill(uint32_t* words, int count, const char* page) {
    const uint32_t extremes[] = {0,    1,          ~0u,        1u << 31,
                                 PAGE, 0xC0144D00, 0xC0104D03, (uint32_t)(uintptr_t)page};
    for (int i = 0; i < count; ++i) {
        switch (chance(4)) {
            case 0:
                words[i] = (uint32_t)rand_r(&state);
                break;
            case 1:
                words[i] = extremes[chance(sizeof extremes / sizeof *extremes)];
                break;
            default:
                words[i] = chance(8);
        }
    }
}

static void send_random(unsigned long count) {
    char* pages = low_pages(2, PROT_READ | PROT_WRITE);
    NEED(mprotect(pages + PAGE, PAGE, PROT_NONE) == 0);
    char* read_only = low_pages(1, PROT_READ);
    unsigned long answered = 0;
    for (unsigned long i = 0; i < count; ++i) {
        fill((uint32_t*)pages, PAGE / 4, pages);
        void* const places[] = {NULL, (void*)8, pages + PAGE - 4, read_only, pages + PAGE};
        void* argument = chance(4) == 0 ? places[chance(5)] : pages + 4 * chance(64);
        answered += call(random_command(), argument) == 0;
        if (i % 64 == 0) {
            NEED(close_range((unsigned)device + 1, ~0u, 0) == 0);
        }
    }
    printf("answered %s\n", answered > 0 ? "some" : "none");
}

struct channel {
    uint32_t version;
    int32_t fd;
};

static void open_channel(const char* name, int fd) {
    struct channel data = {.version = 1, .fd = fd};
    line(name, call(_IOWR('I', 0xC0, struct channel), &data), "%s", "");
}

/// The daemon takes copies of these, and must not come to harm by having or closing them.
static void give_descriptors(void) {
    int pipes[2], sockets[2];
    NEED(pipe2(pipes, O_CLOEXEC) == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
    open_channel("device", device);
    open_channel("pipe", pipes[0]);
    open_channel("stream_socket", sockets[0]);
    open_channel("memfd", memfd_create("no channel", MFD_CLOEXEC));
    open_channel("closed", 1000);
    open_channel("negative", -1);
    NEED(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0);
    open_channel("channel", sockets[0]);
    NEED(write(sockets[1], "nothing that is expected", 24) == 24);
    open_channel("channel_after_noise", sockets[0]);
    close(sockets[0]);
    close(sockets[1]);
}

static volatile unsigned calls;
enum { FEW = 10 };

static void* call_for_ever(void* unused) {
    (void)unused;
    for (;; ++calls) {
        struct query data = {.count = 0};
        NEED(call(_IOWR('I', 8, struct query), &data) == 0);
    }
}

int main(int argc, char** argv) {
    NEED(argc >= 3);
    device = open_device(argv[1]);
    if (!strcmp(argv[2], "channel")) {
        give_descriptors();
        return 0;
    }
    NEED(argc >= 4);
    if (!strcmp(argv[2], "random")) {
        state = (unsigned)atoi(argv[3]);
        send_random(strtoul(argv[4], NULL, 0));
        return 0;
    }
    const int file = open(argv[3], O_RDWR | O_CLOEXEC);
    NEED(file >= 0);
    const uintptr_t memory = (uintptr_t)map_words(file, PAGE);
    pthread_t other;
    NEED(pthread_create(&other, NULL, call_for_ever, NULL) == 0);
    printf("calls\n");
    fflush(stdout);
    struct query data = {.count = 1, .heaps = memory};
    const unsigned before = calls;
    line("query", call(_IOWR('I', 8, struct query), &data), "%s", "");
    printf("beside %s\n", calls - before > FEW ? "many" : "few");
    return 0;
}
