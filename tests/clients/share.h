// SPDX-License-Identifier: Apache-2.0
//
// What the demo clients have in common and what has nothing to do with ION: complaints, the pattern, and a second
// process that is handed a descriptor over a socket.

#pragma once

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/// Ends the process with status 1 and "WHAT: why errno says".
static inline void check(int ok, const char* what) {
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
    }
}

/// Prints one line at once, whatever standard output is.
__attribute__((format(printf, 1, 2))) static inline void say(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

/// Maps `size` bytes of `fd` for reading and writing.
static inline uint32_t* map_buffer(int fd, size_t size) {
    void* address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check(address != MAP_FAILED, "mmap");
    return address;
}

/// A different value in every word, and for every seed.
static inline uint32_t pattern_word(uint32_t seed, size_t index) {
    return (uint32_t)(index * 2654435761u) ^ seed;
}

static inline void write_pattern(uint32_t* words, size_t size, uint32_t seed) {
    for (size_t i = 0; i < size / sizeof *words; i++) {
        words[i] = pattern_word(seed, i);
    }
}

/// Ends the process with status 1 when `words` is not what write_pattern left.
static inline void check_pattern(const uint32_t* words, size_t size, uint32_t seed) {
    for (size_t i = 0; i < size / sizeof *words; i++) {
        if (words[i] != pattern_word(seed, i)) {
            fprintf(stderr, "word %zu is %08x instead of %08x\n", i, words[i], pattern_word(seed, i));
            exit(1);
        }
    }
}

/// Ends the process with status 1 when a byte is not zero: ION hands out cleared memory.
static inline void check_zeroed(const uint32_t* words, size_t size) {
    for (size_t i = 0; i < size / sizeof *words; i++) {
        if (words[i] != 0) {
            fprintf(stderr, "word %zu of a new buffer is %08x\n", i, words[i]);
            exit(1);
        }
    }
}

static inline void send_descriptor(int socket, int fd) {
    char byte = 0;
    struct iovec data = {&byte, 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof fd)];
    } control = {.bytes = {0}};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    check(sendmsg(socket, &message, 0) == 1, "sendmsg");
}

static inline int receive_descriptor(int socket) {
    char byte = 0;
    int fd = -1;
    struct iovec data = {&byte, 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof fd)];
    } control = {.bytes = {0}};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    check(recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1, "recvmsg");
    const struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
    check(rights != NULL && rights->cmsg_type == SCM_RIGHTS, "no descriptor in the message");
    memcpy(&fd, CMSG_DATA(rights), sizeof fd);
    return fd;
}

/// Starts a second process and hands it `fd`. It runs `reader(received, context)`, which ends it with status 1 when
/// something is wrong; its end is waited for. `fd` and whatever else is open is closed there first, so that the
/// buffer comes through the socket alone; only the standard streams are kept.
static inline void in_second_process(int fd, void (*reader)(int fd, const void* context),
                                     const void* context) {
    int ends[2];
    check(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "socketpair");
    const pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        check(dup2(ends[1], STDIN_FILENO) == STDIN_FILENO, "dup2");
        check(close_range(3, ~0U, 0) == 0, "close_range");
        reader(receive_descriptor(STDIN_FILENO), context);
        exit(0);
    }
    close(ends[1]);
    send_descriptor(ends[0], fd);
    close(ends[0]);
    int status = 0;
    check(waitpid(child, &status, 0) == child, "waitpid");
    if (status != 0) {
        fprintf(stderr, "second process: status %#x\n", (unsigned)status);
        exit(1);
    }
}

/// Keeps everything as it is until a line, or the end of the input, comes in. Takes no byte more: several clients
/// may wait for lines of the same pipe.
static inline void hold_until_input(void) {
    say("  holds it until a line comes in");
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n') {
    }
}

/// The arguments "DEVICE HEAP_MASK"; ends the process with status 2 when they are not given.
static inline uint32_t parse_arguments(int argc, char** argv) {
    char* end = NULL;
    const unsigned long mask = argc == 3 ? strtoul(argv[2], &end, 0) : 0;
    if (argc != 3 || *argv[2] == '\0' || *end != '\0' || mask > UINT32_MAX) {
        fprintf(stderr, "usage: %s DEVICE HEAP_MASK\n", argv[0]);
        exit(2);
    }
    return (uint32_t)mask;
}
