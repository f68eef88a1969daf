// SPDX-License-Identifier: Apache-2.0
//
// A program of ION's generation C (kernels 4.12 to 5.10): an allocation is a descriptor, there are no handles.
//
//   demo_c DEVICE HEAP_MASK
//
// It knows nothing but the device: it allocates a buffer, maps it and writes a pattern, and a second process that
// never opened the device reads it. Then it keeps the buffer until a line comes in.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>

#include "share.h"

struct ion_allocation_data {
    uint64_t len;
    uint32_t heap_id_mask;
    uint32_t flags;
    uint32_t fd;
    uint32_t unused;
};
#define ION_IOC_ALLOC _IOWR('I', 0, struct ion_allocation_data)

_Static_assert(ION_IOC_ALLOC == 0xC0184900, "number of generation C");

enum { kSize = 1 << 20, kSeed = 0xC };

static void read_in_second_process(int fd, const void* context) {
    (void)context;
    check_pattern(map_buffer(fd, kSize), kSize, kSeed);
    say("generation C: second process (pid %d) reads the pattern from descriptor %d: ok", getpid(), fd);
}

int main(int argc, char** argv) {
    const uint32_t heap_mask = parse_arguments(argc, argv);
    const int device = open(argv[1], O_RDWR | O_CLOEXEC);
    check(device >= 0, argv[1]);

    struct ion_allocation_data allocation = {.len = kSize, .heap_id_mask = heap_mask};
    check(ioctl(device, ION_IOC_ALLOC, &allocation) == 0, "ALLOC");
    const int fd = (int)allocation.fd;
    say("generation C (pid %d): allocated %d bytes as descriptor %d", getpid(), kSize, fd);

    uint32_t* words = map_buffer(fd, kSize);
    check_zeroed(words, kSize);
    write_pattern(words, kSize, kSeed);
    in_second_process(fd, read_in_second_process, NULL);

    hold_until_input();
    check(munmap(words, kSize) == 0 && close(fd) == 0, "close");
    say("generation C: freed");
    return 0;
}
