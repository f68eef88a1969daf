// SPDX-License-Identifier: Apache-2.0
//
// Allocations by libion whose system calls somebody counts.
//
//   bench_counted DEVICE HEAP_MASK COUNT
//
// Allocates once, says "ready" and waits for a line. Then: getppid, COUNT allocations, getppid. Nothing in between
// is a system call of this file.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>

#include <ion/ion.h>

#include "share.h"

int main(int argc, char** argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: %s DEVICE HEAP_MASK COUNT\n", argv[0]);
        return 2;
    }
    const int device = open(argv[1], O_RDWR | O_CLOEXEC);
    check(device >= 0, argv[1]);
    const uint32_t heap_mask = (uint32_t)strtoul(argv[2], NULL, 0);
    const long count = strtol(argv[3], NULL, 10);
    int fd = -1;
    errno = -ion_alloc_fd(device, 4096, 0, heap_mask, 0, &fd);
    check(errno == 0, "ion_alloc_fd");
    say("ready");
    char line = 0;
    check(read(STDIN_FILENO, &line, 1) == 1, "read");

    int failed = 0;
    syscall(SYS_getppid);
    for (long i = 0; i < count; i++) {
        failed += ion_alloc_fd(device, 4096, 0, heap_mask, 0, &fd) != 0;
    }
    syscall(SYS_getppid);
    return failed == 0 ? 0 : 1;
}
