// SPDX-License-Identifier: Apache-2.0
//
// A program that closes every descriptor it does not know, the one of libion's channel too, and then uses the number
// for something else. The library must neither use that nor close it, and open another channel.
//
//   libion_socket               the device is ion_open()'s

#define _GNU_SOURCE
#include <fcntl.h>
#include <ion/ion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, SYSTEM = 1 << 0, NUMBERS = 64 };

#define CHECK(condition)                                                      \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "libion_socket: %d: %s\n", __LINE__, #condition); \
            return 1;                                                         \
        }                                                                     \
    } while (0)

static int number_of_socket(void) {
    for (int fd = 3; fd < NUMBERS; ++fd) {
        struct stat status;
        if (fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode)) {
            return fd;
        }
    }
    return -1;
}

int main(void) {
    const int device = ion_open();
    int buffer = -1;
    CHECK(device >= 0 && ion_alloc_fd(device, PAGE, 0, SYSTEM, 0, &buffer) == 0);
    const int channel = number_of_socket();
    CHECK(channel >= 0);
    int ours[2];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ours) == 0);
    CHECK(dup3(ours[0], channel, O_CLOEXEC) == channel && close(ours[0]) == 0);
    CHECK(send(ours[1], "message", 7, 0) == 7);

    for (int i = 0; i < 3; ++i) {
        CHECK(ion_alloc_fd(device, PAGE, 0, SYSTEM, 0, &buffer) == 0);
    }

    CHECK(ion_close(device) == 0);
    char text[8] = "";
    CHECK(recv(channel, text, sizeof text, MSG_DONTWAIT) == 7 && strcmp(text, "message") == 0);
    return 0;
}
