// SPDX-License-Identifier: Apache-2.0
//
// Two processes that hand each other descriptors over a Unix socket, with a number to each message: what the examples
// need besides ION. C11 and C++17. Functions end the process with a message when something fails.

#pragma once

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static inline void need(int ok, const char* what) {
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static inline struct sockaddr_un address_of(const char* path) {
    struct sockaddr_un address;
    memset(&address, 0, sizeof(address));
    address.sun_family = AF_UNIX;
    errno = ENAMETOOLONG;
    need(strlen(path) < sizeof(address.sun_path), path);
    strcpy(address.sun_path, path);
    return address;
}

/// Waits at `path`, which is made and removed again, for one process to connect. Says "waiting" on standard output.
static inline int accept_one(const char* path) {
    const struct sockaddr_un address = address_of(path);
    const int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    need(listener >= 0 && bind(listener, (const struct sockaddr*)&address, sizeof(address)) == 0, path);
    need(listen(listener, 1) == 0, "listen");
    puts("waiting");
    fflush(stdout);
    const int peer = accept(listener, NULL, NULL);
    need(peer >= 0, "accept");
    unlink(path);
    close(listener);
    return peer;
}

static inline int connect_to(const char* path) {
    const struct sockaddr_un address = address_of(path);
    const int peer = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    need(peer >= 0 && connect(peer, (const struct sockaddr*)&address, sizeof(address)) == 0, path);
    return peer;
}

/// Sends `number`, and a copy of `fd` unless it is -1.
static inline void send_fd(int peer, uint32_t number, int fd) {
    struct iovec data = {&number, sizeof(number)};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message;
    memset(&control, 0, sizeof(control));
    memset(&message, 0, sizeof(message));
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(fd));
        memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
    }
    need(sendmsg(peer, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(number), "sendmsg");
}

/// Receives a number, and into `fd`, unless it is NULL, the descriptor that came with it or -1. Returns 0 when the
/// other process has closed the socket.
static inline int receive_fd(int peer, uint32_t* number, int* fd) {
    struct iovec data = {number, sizeof(*number)};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message;
    memset(&message, 0, sizeof(message));
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = fd == NULL ? 0 : sizeof(control);
    const ssize_t size = recvmsg(peer, &message, MSG_CMSG_CLOEXEC);
    need(size == 0 || size == (ssize_t)sizeof(*number), "recvmsg");
    if (fd != NULL) {
        const struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
        *fd = -1;
        if (rights != NULL && rights->cmsg_type == SCM_RIGHTS) {
            memcpy(fd, CMSG_DATA(rights), sizeof(*fd));
        }
    }
    return size != 0;
}
