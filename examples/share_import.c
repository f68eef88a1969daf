// SPDX-License-Identifier: Apache-2.0
//
// Two processes share a buffer by plain ioctls, as programs of Android 4.0 and 4.1 did (kernels 3.0 to 3.4): a handle
// is a pointer, one word names the heaps, and IMPORT makes a handle of a descriptor that came from elsewhere.
//
//   share_import allocate DEVICE SOCKET     allocates, writes, sends the descriptor to whoever connects
//   share_import import DEVICE SOCKET       connects, imports, reads

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "pass_fd.h"

// The header of that time. It is not <linux/ion.h>: that one has handles of kernels from 3.10 on.
struct ion_allocation_data {
    size_t len;
    size_t align;
    unsigned int flags;  // bit n: heap n may be used
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
#define ION_IOC_SHARE _IOWR('I', 4, struct ion_fd_data)
#define ION_IOC_IMPORT _IOWR('I', 5, int)  // says int, means struct ion_fd_data: an error that came to stay

enum { kSize = 64 * 1024, kSystemHeap = 1 << 0 };
static const char kText[] = "written by the process that allocated";

static char* map(int fd) {
    char* bytes = mmap(NULL, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    need(bytes != MAP_FAILED, "mmap");
    return bytes;
}

static void drop(int device, void* handle) {
    struct ion_handle_data data = {handle};
    need(ioctl(device, ION_IOC_FREE, &data) == 0, "FREE");
}

static void allocate(int device, const char* path) {
    struct ion_allocation_data allocation = {.len = kSize, .align = 4096, .flags = kSystemHeap};
    need(ioctl(device, ION_IOC_ALLOC, &allocation) == 0, "ALLOC");
    struct ion_fd_data share = {.handle = allocation.handle};
    need(ioctl(device, ION_IOC_SHARE, &share) == 0, "SHARE");
    strcpy(map(share.fd), kText);

    const int peer = accept_one(path);
    send_fd(peer, kSize, share.fd);
    uint32_t answer = 0;
    need(receive_fd(peer, &answer, NULL) && answer == sizeof(kText), "answer of the other process");
    printf("allocated and shared handle %p, read by the other process\n", allocation.handle);
    close(share.fd);
    drop(device, allocation.handle);
}

static void import(int device, const char* path) {
    const int peer = connect_to(path);
    uint32_t size = 0;
    int fd = -1;
    need(receive_fd(peer, &size, &fd) && fd >= 0 && size == kSize, "descriptor of the other process");
    struct ion_fd_data data = {.fd = fd};
    need(ioctl(device, ION_IOC_IMPORT, &data) == 0 && data.handle != NULL, "IMPORT");
    close(fd);  // the handle keeps the buffer

    struct ion_fd_data share = {.handle = data.handle};
    need(ioctl(device, ION_IOC_SHARE, &share) == 0, "SHARE");
    const char* bytes = map(share.fd);
    printf("imported handle %p: %s\n", data.handle, bytes);
    send_fd(peer, (uint32_t)strlen(bytes) + 1, -1);
    drop(device, data.handle);
}

int main(int argc, char** argv) {
    const int allocates = argc == 4 && strcmp(argv[1], "allocate") == 0;
    if (!allocates && (argc != 4 || strcmp(argv[1], "import") != 0)) {
        fprintf(stderr, "usage: %s allocate|import DEVICE SOCKET\n", argv[0]);
        return 2;
    }
    const int device = open(argv[2], O_RDONLY | O_CLOEXEC);
    need(device >= 0, argv[2]);
    allocates ? allocate(device, argv[3]) : import(device, argv[3]);
    return 0;
}
