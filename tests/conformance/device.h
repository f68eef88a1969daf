// SPDX-License-Identifier: Apache-2.0
//
// The device under test: its ioctls as Linux 5.10 declares them, the heaps that it lists, and what most cases begin
// with, a buffer.

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

enum { PAGE = 4096, KIB = 1024, MIB = 1024 * 1024 };

// drivers/staging/android/uapi/ion.h
struct allocation {
    uint64_t len;
    uint32_t heap_id_mask, flags, fd, unused;
};
struct heap_data {
    char name[32];
    uint32_t type, heap_id, reserved0, reserved1, reserved2;
};
struct heap_query {
    uint32_t cnt, reserved0;
    uint64_t heaps;
    uint32_t reserved1, reserved2;
};
#define ALLOC _IOWR('I', 0, struct allocation)
#define QUERY _IOWR('I', 8, struct heap_query)
_Static_assert(ALLOC == 0xC0184900 && QUERY == 0xC0184908, "the numbers of 4.12 to 5.10");
_Static_assert(sizeof(struct heap_data) == 52, "its records have no padding");

enum { UNCACHED = 0, CACHED = 1 };  // the low bit of ALLOC's flags

/// What a heap is for in the cases; `id` is -1 when the device has none.
struct role {
    const char* name;
    uint32_t type;  ///< ION_HEAP_TYPE_*: the first heap of it takes the role
    int id;
};
enum { SYSTEM, CONTIG, DMA, ROLES };
extern struct role roles[ROLES];

struct device {
    const char* path;
    const char* usage;  ///< directory of the per-heap counters
    int fd;             ///< opened anew for each group
    struct heap_data heaps[64];
    uint32_t heap_count;
    uint32_t ids;  ///< a bit for each heap
};
extern struct device device;

/// Opens the device by its path and lists its heaps. False, with a message, when it is no ION device.
bool find_device(void);

/// A mask with the bit of a role's heap; 0 when there is none.
uint32_t mask_of(const struct role* role);

/// A mask for buffers of which only the memory matters.
uint32_t system_mask(void);

/// The system call itself: no library in between.
long ion_ioctl(int fd, unsigned long command, void* argument);

/// A new buffer's descriptor; -1 with errno.
int allocate(uint64_t length, uint32_t mask, uint32_t flags);

/// The same for what a case stands on: says so in a row "harness" and ends the group when there is none.
int need_buffer(uint64_t length, uint32_t mask, uint32_t flags);
