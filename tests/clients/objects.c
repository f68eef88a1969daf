// SPDX-License-Identifier: Apache-2.0
//
// The rules of clients, handles, buffers and descriptors, line by line, by the calls of generation B unless a line
// is about two of them.
//
//   objects DEVICE [hold | foreign]
//
// With "hold" it only holds a buffer of which nothing is left but a mapping, across whatever happens to the daemon.
// With "foreign" it only tries to import a dma-buf of its own making.

#define _GNU_SOURCE
#include <linux/udmabuf.h>

#include "generation_b.h"

struct alloc_a {  // generation A for 32 bits; any program may send it
    uint32_t len, align, flags, handle;
};
struct alloc_c {
    uint64_t len;
    uint32_t heap_mask, flags, fd, unused;
};
#define ALLOC_A _IOWR('I', 0, struct alloc_a)
#define ALLOC_C _IOWR('I', 0, struct alloc_c)

static const char* path;

static void import(const char* name, int fd) {
    struct fd_b data = {.handle = -1, .fd = fd};
    const int result = call(IMPORT_B, &data);
    line(name, result, "handle=%d", data.handle);
}

static void counts(void) {
    const int handle = allocate_b(device);
    const int fd = share_b(device, handle);
    printf("import_twice %d %d of %d\n", import_b(device, fd), import_b(device, fd), handle);
    for (int i = 1; i <= 4; ++i) {
        line("free", free_b(device, handle), "%d", i);
    }
    close(fd);
}

static void exports(void) {
    const int handle = allocate_b(device);
    int fds[3];
    for (int i = 0; i < 3; ++i) {
        fds[i] = share_b(device, handle);
    }
    const int copy = fcntl(fds[0], F_DUPFD_CLOEXEC, 100);
    const int same = import_b(device, fds[1]) == handle && import_b(device, fds[2]) == handle &&
                     import_b(device, copy) == handle;
    printf("exports_import_to_one_handle %d\n", same);
    poke(fds[0], 0xe0);
    printf("exports_show_one_content %x %x\n", peek(fds[1]), peek(copy));
    for (int i = 0; i < 3; ++i) {
        close(fds[i]);
    }
    close(copy);
    for (int i = 0; i < 4; ++i) {
        NEED(free_b(device, handle) == 0);
    }
}

static void foreign(void) {
    int pipes[2], sockets[2];
    NEED(pipe2(pipes, O_CLOEXEC) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    const int plain = memfd_create("plain", MFD_CLOEXEC);
    const int handle = allocate_b(device);
    const int fd = share_b(device, handle);
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    const int by_path = open(name, O_PATH | O_CLOEXEC);
    import("import_pipe", pipes[0]);
    import("import_socket", sockets[0]);
    import("import_file", open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    import("import_device", device);
    import("import_directory", open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    import("import_memfd", plain);
    import("import_o_path", by_path);
    import("import_closed", 1000);
    import("import_negative", -1);
    import("import_lowest", INT32_MIN);
    close(by_path);
    close(fd);
    NEED(free_b(device, handle) == 0);
}

static void other_client(void) {
    const int other = open_device(path);
    const int handle = allocate_b(device);
    struct fd_b data = {.handle = handle, .fd = -1};
    line("share_by_other_client", call_on(other, SHARE_B, &data), "%s", "");
    line("free_by_other_client", free_b(other, handle), "%s", "");
    const int fd = share_b(device, handle);
    NEED(allocate_b(other) == 1);
    printf("import_by_other_client %d\n", import_b(other, fd));
    line("free_by_owner", free_b(device, handle), "%s", "");
    printf("still_there_for_other %d\n", share_b(other, 2) >= 0);
    close(other);
    close(fd);
}

static void descriptors(void) {
    const int handle = allocate_b(device);
    const int fd = share_b(device, handle);
    uint32_t* words = map_words(fd, PAGE);
    uint32_t sum = 0;
    for (int i = 0; i < PAGE / 4; ++i) {
        sum |= words[i];
    }
    printf("zeroed %d\n", sum == 0);
    memset(words, 0xff, PAGE);
    munmap(words, PAGE);
    NEED(free_b(device, handle) == 0 && close(fd) == 0);
    for (int i = 0; i < 20; ++i) {
        const int again = allocate_b(device);
        const int number = share_b(device, again);
        sum |= peek(number);
        poke(number, 0xffffffff);
        NEED(free_b(device, again) == 0 && close(number) == 0);
    }
    printf("zeroed_when_used_again %d\n", sum == 0);
}

static void sealed(void) {
    const int handle = allocate_b(device);
    const int fd = share_b(device, handle);
    const int seals = fcntl(fd, F_GET_SEALS);
    const int wanted = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    // A dma-buf has no seals, and its size cannot be changed at all.
    printf("sealed %d\n", seals < 0 ? errno == EINVAL : (seals & wanted) == wanted);
    printf("resized %d %d\n", ftruncate(fd, 0) == 0, ftruncate(fd, 1 << 20) == 0);
    close(fd);
    NEED(free_b(device, handle) == 0);
}

static void generations(void) {
    struct alloc_a* a = ARG(struct alloc_a, .len = PAGE, .flags = SYSTEM);
    struct alloc_c* c = ARG(struct alloc_c, .len = PAGE, .heap_mask = SYSTEM);
    NEED(call(ALLOC_A, a) == 0 && call(ALLOC_C, c) == 0);
    const int b = allocate_b(device);
    printf("generations handles=%d,%d\n", (int)a->handle, b);
    printf("import_of_c %d\n", import_b(device, (int)c->fd));
    poke((int)c->fd, 0xc0);
    printf("content_of_c %x\n", peek(share_b(device, 3)));
}

static void foreign_dmabuf(void) {
    const int memory = memfd_create("foreign", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    NEED(ftruncate(memory, PAGE) == 0 && fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
    const int maker = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
    NEED(maker >= 0);
    struct udmabuf_create create = {.memfd = (uint32_t)memory, .flags = UDMABUF_FLAGS_CLOEXEC, .size = PAGE};
    const int dmabuf = ioctl(maker, UDMABUF_CREATE, &create);
    NEED(dmabuf >= 0);
    import("import_dmabuf", dmabuf);
}

/// A buffer of which nothing is left but a mapping, until a line comes in.
static void hold(void) {
    const int handle = allocate_b(device);
    const int fd = share_b(device, handle);
    uint32_t* words = map_words(fd, PAGE);
    words[0] = 0x401d;
    NEED(free_b(device, handle) == 0 && close(fd) == 0 && close(device) == 0);
    printf("holds\n");
    fflush(stdout);
    wait_for_line();
    printf("content %x\n", words[0]);
}

int main(int argc, char** argv) {
    NEED(argc >= 2);
    path = argv[1];
    device = open_device(path);
    if (argc > 2) {
        strcmp(argv[2], "hold") == 0 ? hold() : foreign_dmabuf();
        return 0;
    }
    counts();
    exports();
    foreign();
    other_client();
    descriptors();
    sealed();
    generations();
    return 0;
}
