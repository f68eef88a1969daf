// SPDX-License-Identifier: Apache-2.0
//
// A program of ION's generation B (kernels 3.10 to 4.11): handles are integers, heaps and flags are two words.
//
//   demo_b DEVICE HEAP_MASK
//
// It knows nothing but the device: it allocates two buffers, shares one, maps it and writes a pattern, and a second
// process imports and reads it. Then it keeps both until a line comes in.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>

#include "share.h"

struct ion_allocation_data {
    size_t len;
    size_t align;
    unsigned int heap_id_mask;
    unsigned int flags;
    int handle;
};
struct ion_handle_data {
    int handle;
};
struct ion_fd_data {
    int handle;
    int fd;
};
#define ION_IOC_ALLOC _IOWR('I', 0, struct ion_allocation_data)
#define ION_IOC_FREE _IOWR('I', 1, struct ion_handle_data)
#define ION_IOC_MAP _IOWR('I', 2, struct ion_fd_data)
#define ION_IOC_SHARE _IOWR('I', 4, struct ion_fd_data)
#define ION_IOC_IMPORT _IOWR('I', 5, struct ion_fd_data)
#define ION_FLAG_CACHED 1

_Static_assert(sizeof(struct ion_allocation_data) == (sizeof(void*) == 8 ? 32 : 20),
               "layout of generation B");
_Static_assert(ION_IOC_SHARE == 0xC0084904, "number of generation B");

enum { kSize = 1 << 20, kSmallSize = 1 << 16, kSeed = 0xB };

static int allocate(int device, size_t size, uint32_t heap_mask) {
    struct ion_allocation_data allocation = {
        .len = size, .align = 4096, .heap_id_mask = heap_mask, .flags = ION_FLAG_CACHED};
    check(ioctl(device, ION_IOC_ALLOC, &allocation) == 0, "ALLOC");
    return allocation.handle;
}

static void drop(int device, int handle) {
    struct ion_handle_data data = {handle};
    check(ioctl(device, ION_IOC_FREE, &data) == 0, "FREE");
}

static void read_in_second_process(int fd, const void* context) {
    const int device = open(context, O_RDWR | O_CLOEXEC);
    check(device >= 0, context);
    struct ion_fd_data import = {.fd = fd};
    check(ioctl(device, ION_IOC_IMPORT, &import) == 0, "IMPORT");
    struct ion_fd_data map = {.handle = import.handle};
    check(ioctl(device, ION_IOC_MAP, &map) == 0, "MAP");
    check_pattern(map_buffer(map.fd, kSize), kSize, kSeed);
    drop(device, import.handle);
    say("generation B: second process (pid %d) imports descriptor %d as handle %d, reads the pattern: ok",
        getpid(), fd, import.handle);
}

int main(int argc, char** argv) {
    const uint32_t heap_mask = parse_arguments(argc, argv);
    const int device = open(argv[1], O_RDWR | O_CLOEXEC);
    check(device >= 0, argv[1]);

    const int handle = allocate(device, kSize, heap_mask);
    struct ion_fd_data share = {.handle = handle};
    check(ioctl(device, ION_IOC_SHARE, &share) == 0, "SHARE");
    say("generation B (pid %d): allocated %d bytes, handle %d, shared as descriptor %d", getpid(), kSize,
        handle, share.fd);
    const int small_handle = allocate(device, kSmallSize, heap_mask);
    say("generation B: allocated %d bytes, handle %d, not shared", kSmallSize, small_handle);

    uint32_t* words = map_buffer(share.fd, kSize);
    check_zeroed(words, kSize);
    write_pattern(words, kSize, kSeed);
    in_second_process(share.fd, read_in_second_process, argv[1]);

    hold_until_input();
    check(munmap(words, kSize) == 0 && close(share.fd) == 0, "close");
    drop(device, handle);
    drop(device, small_handle);
    say("generation B: freed");
    return 0;
}
