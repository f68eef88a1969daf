// SPDX-License-Identifier: Apache-2.0
//
// A program of ION's generation C that asks a device for its heaps.
//
//   heap_query DEVICE
//
// It prints "ID TYPE NAME" of each heap, in the order of the answer.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>

#include "share.h"

struct ion_heap_data {
    char name[32];
    uint32_t type;
    uint32_t heap_id;
    uint32_t reserved[3];
};
struct ion_heap_query {
    uint32_t cnt;
    uint32_t reserved0;
    uint64_t heaps;
    uint32_t reserved1;
    uint32_t reserved2;
};
#define ION_IOC_HEAP_QUERY _IOWR('I', 8, struct ion_heap_query)

_Static_assert(sizeof(struct ion_heap_data) == 52, "layout of generation C");
_Static_assert(ION_IOC_HEAP_QUERY == 0xC0184908, "number of generation C");

int main(int argc, char** argv) {
    check(argc == 2, "usage: heap_query DEVICE");
    const int device = open(argv[1], O_RDWR | O_CLOEXEC);
    check(device >= 0, argv[1]);
    struct ion_heap_data heaps[32];
    struct ion_heap_query query = {.cnt = 32, .heaps = (uintptr_t)heaps};
    check(ioctl(device, ION_IOC_HEAP_QUERY, &query) == 0, "HEAP_QUERY");
    for (uint32_t i = 0; i < query.cnt; i++) {
        say("%u %u %s", heaps[i].heap_id, heaps[i].type, heaps[i].name);
    }
    return 0;
}
