// SPDX-License-Identifier: Apache-2.0
//
// Generation B as its programs had it in a header of their own, and the calls that need no looking at.

#pragma once

#include "semantics.h"

struct alloc_b {
    word len, align;
    uint32_t heap_mask, flags;
    int32_t handle;
};
struct handle_b {
    int32_t handle;
};
struct fd_b {
    int32_t handle, fd;
};
struct custom_b {
    uint32_t cmd;
    word arg;
};
#define ALLOC_B _IOWR('I', 0, struct alloc_b)
#define FREE_B _IOWR('I', 1, struct handle_b)
#define MAP_B _IOWR('I', 2, struct fd_b)
#define SHARE_B _IOWR('I', 4, struct fd_b)
#define IMPORT_B _IOWR('I', 5, struct fd_b)
#define CUSTOM_B _IOWR('I', 6, struct custom_b)
#define SYNC_B _IOWR('I', 7, struct fd_b)

_Static_assert(sizeof(struct alloc_b) == (sizeof(word) == 4 ? 20 : 32), "layout of generation B");
_Static_assert(CUSTOM_B == (sizeof(word) == 4 ? 0xC0084906 : 0xC0104906), "number of generation B");

enum { SYSTEM = 1 << 0, CARVEOUT = 1 << 2 };

static inline int allocate_b(int on) {
    struct alloc_b* data = ARG(struct alloc_b, .len = PAGE, .heap_mask = SYSTEM);
    NEED(call_on(on, ALLOC_B, data) == 0);
    return data->handle;
}

static inline int share_b(int on, int handle) {
    struct fd_b* data = ARG(struct fd_b, .handle = handle);
    NEED(call_on(on, SHARE_B, data) == 0);
    return data->fd;
}

static inline int import_b(int on, int fd) {
    struct fd_b* data = ARG(struct fd_b, .fd = fd);
    NEED(call_on(on, IMPORT_B, data) == 0);
    return data->handle;
}

static inline int free_b(int on, int handle) {
    return call_on(on, FREE_B, ARG(struct handle_b, handle));
}
