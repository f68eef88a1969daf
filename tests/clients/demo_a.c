// SPDX-License-Identifier: Apache-2.0
//
// A program of ION's generation A (2012): handles are pointers, one word holds the mask of heaps.
//
//   demo_a DEVICE HEAP_MASK
//
// It knows nothing but the device: it allocates, shares and maps a buffer and writes a pattern, and a second
// process imports and reads it. Then it keeps the buffer until a line comes in. Built for 64 and for 32 bits; the
// sizes of the structures, which are part of the command numbers, differ.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>

#include "share.h"

struct ion_allocation_data {
    size_t len;
    size_t align;
    unsigned int flags;
    void* handle;
};
struct ion_handle_data {
    void* handle;
};
struct ion_fd_data {
    void* handle;
    int fd;
};
#define ION_IOC_ALLOC _IOWR('I', 0, struct ion_allocation_data)
#define ION_IOC_FREE _IOWR('I', 1, struct ion_handle_data)
#define ION_IOC_MAP _IOWR('I', 2, struct ion_fd_data)
#define ION_IOC_SHARE _IOWR('I', 4, struct ion_fd_data)
// Declared too small by the kernel's header of that time: the driver reads and writes a struct ion_fd_data.
#define ION_IOC_IMPORT _IOWR('I', 5, int)

_Static_assert(sizeof(struct ion_allocation_data) == (sizeof(void*) == 8 ? 32 : 16),
               "layout of generation A");
_Static_assert(ION_IOC_IMPORT == 0xC0044905, "number of generation A");

enum { kSize = 1 << 20, kSeed = 0xA };

static void read_in_second_process(int fd, const void* context) {
    const int device = open(context, O_RDWR | O_CLOEXEC);
    check(device >= 0, context);
    struct ion_fd_data import = {.fd = fd};
    check(ioctl(device, ION_IOC_IMPORT, &import) == 0 && import.handle != NULL, "IMPORT");
    struct ion_fd_data map = {.handle = import.handle};
    check(ioctl(device, ION_IOC_MAP, &map) == 0, "MAP");
    check_pattern(map_buffer(map.fd, kSize), kSize, kSeed);
    struct ion_handle_data drop = {import.handle};
    check(ioctl(device, ION_IOC_FREE, &drop) == 0, "FREE of the imported handle");
    say("generation A: second process (pid %d) imports descriptor %d as handle %p, reads the pattern: ok",
        getpid(), fd, import.handle);
}

int main(int argc, char** argv) {
    const uint32_t heap_mask = parse_arguments(argc, argv);
    const int device = open(argv[1], O_RDWR | O_CLOEXEC);
    check(device >= 0, argv[1]);

    struct ion_allocation_data allocation = {.len = kSize, .align = 4096, .flags = heap_mask};
    check(ioctl(device, ION_IOC_ALLOC, &allocation) == 0, "ALLOC");
    struct ion_fd_data share = {.handle = allocation.handle};
    check(ioctl(device, ION_IOC_SHARE, &share) == 0, "SHARE");
    say("generation A (%zu-bit, pid %d): allocated %d bytes, handle %p, shared as descriptor %d",
        8 * sizeof(void*), getpid(), kSize, allocation.handle, share.fd);

    uint32_t* words = map_buffer(share.fd, kSize);
    check_zeroed(words, kSize);
    write_pattern(words, kSize, kSeed);
    in_second_process(share.fd, read_in_second_process, argv[1]);

    hold_until_input();
    check(munmap(words, kSize) == 0 && close(share.fd) == 0, "close");
    struct ion_handle_data drop = {allocation.handle};
    check(ioctl(device, ION_IOC_FREE, &drop) == 0, "FREE");
    say("generation A: freed");
    return 0;
}
