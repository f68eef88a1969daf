// SPDX-License-Identifier: Apache-2.0
//
// The functions of <ion/ion.h> by the commands of the driver's generation.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ion/ion.h>
#include <linux/ion_4.12.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/src/device.h"

#define PUBLIC __attribute__((visibility("default")))

static int call(int fd, unsigned long command, void* argument) {
    return ioctl(fd, command, argument) < 0 ? -errno : 0;
}

PUBLIC int ion_open(void) {
    const char* path = secure_getenv("ION_DEVICE");
    return open(path != NULL ? path : "/dev/ion", O_RDONLY | O_CLOEXEC);
}

PUBLIC int ion_close(int fd) {
    ion_device_forget(fd);
    return close(fd) != 0 ? -errno : 0;
}

PUBLIC int ion_is_legacy(int fd) {
    return ion_device_is_legacy(fd);
}

PUBLIC int ion_is_using_modular_heaps(int fd) {
    uint32_t version = 0;
    return call(fd, ION_IOC_ABI_VERSION, &version) == 0 && version >= ION_ABI_VERSION_MODULAR_HEAPS;
}

/* ENOTTY for ALLOC: what is remembered is of another device, which had this number and was closed by close(2). */
static int remembered(int fd, int result) {
    if (result == -ENOTTY) {
        ion_device_forget(fd);
    }
    return result;
}

PUBLIC int ion_alloc(int fd, size_t len, size_t align, unsigned int heap_mask, unsigned int flags,
                     ion_user_handle_t* handle) {
    if (handle == NULL || !ion_is_legacy(fd)) {
        return -EINVAL;
    }
    struct ion_allocation_data data = {.len = len, .align = align, .heap_id_mask = heap_mask, .flags = flags};
    const int result = remembered(fd, call(fd, ION_IOC_ALLOC, &data));
    if (result == 0) {
        *handle = data.handle;
    }
    return result;
}

PUBLIC int ion_free(int fd, ion_user_handle_t handle) {
    struct ion_handle_data data = {.handle = handle};
    return call(fd, ION_IOC_FREE, &data);
}

/* SHARE or MAP, which are the same command with two numbers: a descriptor or a negative errno. */
static int descriptor_of(int fd, unsigned long command, ion_user_handle_t handle) {
    const int by_channel = ion_device_share(fd, handle);
    if (by_channel != -ENOTCONN) {
        return by_channel;
    }
    struct ion_fd_data data = {.handle = handle, .fd = -EINVAL};
    const int result = call(fd, command, &data);
    return result != 0 ? result : data.fd;
}

PUBLIC int ion_share(int fd, ion_user_handle_t handle, int* share_fd) {
    if (share_fd == NULL || !ion_is_legacy(fd)) {
        return -EINVAL;
    }
    const int shared = descriptor_of(fd, ION_IOC_SHARE, handle);
    if (shared < 0) {
        return shared;
    }
    *share_fd = shared;
    return 0;
}

PUBLIC int ion_map(int fd, ion_user_handle_t handle, size_t length, int prot, int flags, off_t offset,
                   unsigned char** ptr, int* map_fd) {
    if (ptr == NULL || map_fd == NULL || !ion_is_legacy(fd)) {
        return -EINVAL;
    }
    const int shared = descriptor_of(fd, ION_IOC_MAP, handle);
    if (shared < 0) {
        return shared;
    }
    /* A kernel's driver maps all pages at once, too. In a private mapping that would be a copy of all. */
    const int at_once = (flags & MAP_SHARED) != 0 ? MAP_POPULATE : 0;
    void* address = mmap(NULL, length, prot, flags | at_once, shared, offset);
    if (address == MAP_FAILED) {
        const int error = errno;
        close(shared);
        return -error;
    }
    *ptr = address;
    *map_fd = shared;
    return 0;
}

static int alloc_modern(int fd, size_t len, unsigned int heap_mask, unsigned int flags) {
    const int by_channel = ion_device_alloc(fd, len, heap_mask, flags);
    if (by_channel != -ENOTCONN) {
        return by_channel;
    }
    struct ion_new_allocation_data data = {.len = len, .heap_id_mask = heap_mask, .flags = flags};
    const int result = remembered(fd, call(fd, ION_IOC_NEW_ALLOC, &data));
    return result != 0 ? result : (int)data.fd;
}

PUBLIC int ion_alloc_fd(int fd, size_t len, size_t align, unsigned int heap_mask, unsigned int flags,
                        int* handle_fd) {
    if (handle_fd == NULL) {
        return -EINVAL;
    }
    if (!ion_is_legacy(fd)) {
        const int allocated = alloc_modern(fd, len, heap_mask, flags);
        if (allocated < 0) {
            return allocated;
        }
        *handle_fd = allocated;
        return 0;
    }
    ion_user_handle_t handle = 0;
    int result = ion_alloc(fd, len, align, heap_mask, flags, &handle);
    if (result == 0) {
        result = ion_share(fd, handle, handle_fd);
        ion_free(fd, handle);
    }
    return result;
}

PUBLIC int ion_import(int fd, int share_fd, ion_user_handle_t* handle) {
    if (handle == NULL || !ion_is_legacy(fd)) {
        return -EINVAL;
    }
    struct ion_fd_data data = {.handle = 0, .fd = share_fd};
    const int result = call(fd, ION_IOC_IMPORT, &data);
    if (result == 0 && data.handle == 0) {
        return -EINVAL; /* how the first drivers say that they do not know the descriptor */
    }
    if (result == 0) {
        *handle = data.handle;
    }
    return result;
}

PUBLIC int ion_sync_fd(int fd, int handle_fd) {
    if (!ion_is_legacy(fd)) {
        return -EINVAL;
    }
    struct ion_fd_data data = {.handle = 0, .fd = handle_fd};
    return call(fd, ION_IOC_SYNC, &data);
}

PUBLIC int ion_query_heap_cnt(int fd, int* cnt) {
    if (cnt == NULL) {
        return -EINVAL;
    }
    struct ion_heap_query query = {.cnt = 0};
    const int result = call(fd, ION_IOC_HEAP_QUERY, &query);
    if (result == 0) {
        *cnt = (int)query.cnt;
    }
    return result;
}

PUBLIC int ion_query_get_heaps(int fd, int cnt, void* buffers) {
    struct ion_heap_query query = {.cnt = (uint32_t)cnt, .heaps = (uintptr_t)buffers};
    return call(fd, ION_IOC_HEAP_QUERY, &query);
}
