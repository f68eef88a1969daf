// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "work.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "memory.h"

int use_buffer(void* argument) {
    const struct buffer* buffer = argument;
    if (buffer->fd >= 0) {
        struct stat status;
        if (fstat(buffer->fd, &status) != 0 || status.st_size != BUFFER) {
            return 10;
        }
        unsigned char* bytes = map_shared(buffer->fd, BUFFER);
        if (bytes == MAP_FAILED) {
            return 11;
        }
        if (bytes[5] != MARK) {
            return 12;
        }
        bytes[6] = BY_FD;
    }
    if (buffer->bytes != NULL) {
        if (buffer->bytes[5] != MARK) {
            return 13;
        }
        buffer->bytes[7] = BY_MAPPING;
    }
    return 0;
}

int allocate_and_fill(void* fd) {
    const int allocated = allocate(BUFFER, system_mask(), UNCACHED);
    if (allocated < 0) {
        return errno;
    }
    struct stat status;
    if (fstat(allocated, &status) != 0 || status.st_size != BUFFER) {
        return 200;
    }
    unsigned char* bytes = map_shared(allocated, BUFFER);
    if (bytes == MAP_FAILED) {
        return 201;
    }
    memset(bytes, MARK, BUFFER);
    if (fd != NULL) {
        *(int*)fd = allocated;
    }
    return 0;
}

int allocate_as_nobody(void* nothing) {
    enum { NOBODY = 65534 };
    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0) {
        return 100;
    }
    return allocate_and_fill(nothing);
}
