// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "report.h"

struct role roles[ROLES] = {
    [SYSTEM] = {"system", 0, -1},
    [CONTIG] = {"contig", 1, -1},
    [DMA] = {"dma", 4, -1},
};

struct device device = {.path = "/dev/ion", .usage = "/sys/kernel/debug/ion", .fd = -1};

static bool complain(void) {
    fprintf(stderr, "conformance: %s: %s\n", device.path, strerror(errno));
    return false;
}

bool find_device(void) {
    const int fd = open(device.path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return complain();
    }
    struct heap_query query = {.cnt = 64, .heaps = (uintptr_t)device.heaps};
    if (ion_ioctl(fd, QUERY, &query) != 0) {
        return complain();
    }
    close(fd);
    device.heap_count = query.cnt;
    for (uint32_t i = 0; i < device.heap_count; ++i) {
        const struct heap_data* heap = &device.heaps[i];
        device.ids |= 1u << heap->heap_id;
        for (struct role* role = roles; role < roles + ROLES; ++role) {
            if (role->id < 0 && role->type == heap->type) {
                role->id = (int)heap->heap_id;
            }
        }
    }
    return true;
}

uint32_t mask_of(const struct role* role) {
    return role->id < 0 ? 0 : 1u << role->id;
}

uint32_t system_mask(void) {
    return roles[SYSTEM].id < 0 ? device.ids : mask_of(&roles[SYSTEM]);
}

long ion_ioctl(int fd, unsigned long command, void* argument) {
    return syscall(SYS_ioctl, fd, command, argument);
}

int allocate(uint64_t length, uint32_t mask, uint32_t flags) {
    struct allocation data = {.len = length, .heap_id_mask = mask, .flags = flags};
    return ion_ioctl(device.fd, ALLOC, &data) < 0 ? -1 : (int)data.fd;
}

int need_buffer(uint64_t length, uint32_t mask, uint32_t flags) {
    const int fd = allocate(length, mask, flags);
    if (fd < 0) {
        row("harness", text("len=%llu mask=0x%x", (unsigned long long)length, mask), "-1", errno,
            "no buffer for the cases that follow");
        exit(3);
    }
    return fd;
}
