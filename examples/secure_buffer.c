// SPDX-License-Identifier: Apache-2.0
//
// How a fingerprint HAL gets the memory that it shares with its trusted application: from the heap set aside for
// that, by libion, so that one program runs on old and on new kernels.
//
//   secure_buffer [BYTES]       the device is $ION_DEVICE or /dev/ion; secure_buffer.toml has the heap

#include <errno.h>
#include <ion/ion.h>
#include <linux/dma-buf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { kSecureHeapId = 26 };  // "qsecom" of Qualcomm's kernels

struct secure_buffer {
    int fd;
    void* address;
    size_t size;
};

/// 0 or a negative errno; on failure nothing is left open.
static int make(int device, size_t size, struct secure_buffer* made) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    made->size = (size + page - 1) / page * page;
    int result = ion_alloc_fd(device, made->size, 0, 1u << kSecureHeapId, 0, &made->fd);
    if (result != 0) {
        return result;
    }
    made->address = mmap(NULL, made->size, PROT_READ | PROT_WRITE, MAP_SHARED, made->fd, 0);
    if (made->address == MAP_FAILED) {
        result = -errno;
        ion_close(made->fd);
    }
    return result;
}

/// Before and after the CPU touches the buffer. Old drivers have a call of their own, for "after".
static int sync_cpu(int device, const struct secure_buffer* buffer, unsigned long long phase) {
    if (ion_is_legacy(device)) {
        return phase == DMA_BUF_SYNC_END ? ion_sync_fd(device, buffer->fd) : 0;
    }
    struct dma_buf_sync request = {.flags = phase | DMA_BUF_SYNC_RW};
    // ENOTTY: ordinary shared memory, which needs no call.
    return ioctl(buffer->fd, DMA_BUF_IOCTL_SYNC, &request) == 0 || errno == ENOTTY ? 0 : -errno;
}

static int fail(const char* what, int error) {
    fprintf(stderr, "%s: %s\n", what, strerror(-error));
    return 1;
}

int main(int argc, char** argv) {
    const size_t size = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
    const int device = ion_open();
    if (device < 0) {
        return fail("ion_open", -errno);
    }
    struct secure_buffer buffer;
    int result = make(device, size, &buffer);
    if (result != 0) {
        return fail("no secure buffer", result);
    }
    result = sync_cpu(device, &buffer, DMA_BUF_SYNC_START);
    if (result == 0) {
        memset(buffer.address, 0xF1, buffer.size);  // a command for the trusted application
        result = sync_cpu(device, &buffer, DMA_BUF_SYNC_END);
    }
    if (result != 0) {
        return fail("sync", result);
    }
    printf("%zu bytes of heap %d, from a driver %s handles\n", buffer.size, kSecureHeapId,
           ion_is_legacy(device) ? "with" : "without");
    munmap(buffer.address, buffer.size);
    ion_close(buffer.fd);
    return ion_close(device) == 0 ? 0 : 1;
}
