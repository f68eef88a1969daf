// SPDX-License-Identifier: Apache-2.0
//
// A buffer on its way through processes, one step for each line that comes in; every step is answered by a line.
//
//   holders DEVICE HEAP_MASK

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "share.h"

struct ion_allocation_data {
    uint64_t len;
    uint32_t heap_id_mask;
    uint32_t flags;
    uint32_t fd;
    uint32_t unused;
};
#define ION_IOC_ALLOC _IOWR('I', 0, struct ion_allocation_data)

enum { kSize = 8192 };

static void next_step(void) {
    char line[16];
    check(fgets(line, sizeof line, stdin) != NULL, "input");
}

/// A child that never opened the device: it takes a descriptor from the socket, says its number there, and waits.
static pid_t start_receiver(int socket) {
    const pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int fd = receive_descriptor(socket);
        check(write(socket, &fd, sizeof fd) == sizeof fd, "write");
        for (;;) {
            pause();
        }
    }
    return child;
}

static void end_child(pid_t child) {
    check(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child, "kill");
}

int main(int argc, char** argv) {
    const uint32_t heap_mask = parse_arguments(argc, argv);
    int ends[2];
    check(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "socketpair");
    const pid_t receiver = start_receiver(ends[1]);
    const int device = open(argv[1], O_RDWR | O_CLOEXEC);
    check(device >= 0, argv[1]);
    struct ion_allocation_data allocation = {.len = kSize, .heap_id_mask = heap_mask};
    check(ioctl(device, ION_IOC_ALLOC, &allocation) == 0, "ALLOC");
    const int fd = (int)allocation.fd;
    say("allocated %d %d", getpid(), fd);

    next_step();
    int received = -1;
    send_descriptor(ends[0], fd);
    check(read(ends[0], &received, sizeof received) == sizeof received, "read");
    say("sent %d %d", receiver, received);

    next_step();
    uint32_t* const words = map_buffer(fd, kSize);
    check(close(fd) == 0, "close");
    say("mapped %#lx-%#lx", (unsigned long)words, (unsigned long)words + kSize);

    next_step();
    const pid_t heir = fork();
    check(heir >= 0, "fork");
    if (heir == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            pause();
        }
    }
    say("forked %d", heir);

    next_step();
    check(munmap(words, kSize) == 0, "munmap");
    say("unmapped");

    next_step();
    end_child(heir);
    say("heir died");

    next_step();
    end_child(receiver);
    say("receiver died");

    next_step();
    return 0;
}
