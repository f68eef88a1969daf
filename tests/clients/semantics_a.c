// SPDX-License-Identifier: Apache-2.0
//
// Generation A, line by line: pointer handles, one flag word, IMPORT with the number that says too little, and the
// cache commands that msm had then.
//
//   semantics_a DEVICE

#define _GNU_SOURCE
#include "semantics.h"

struct alloc_a {
    word len, align;
    uint32_t flags;
    word handle;
};
struct handle_a {
    word handle;
};
struct fd_a {
    word handle;
    int32_t fd;
};
struct flush_a {
    word handle;
    int32_t fd;
    word vaddr;
    uint32_t offset, length;
};
struct flags_a {
    word handle, flags;
};
#define ALLOC_A _IOWR('I', 0, struct alloc_a)
#define FREE_A _IOWR('I', 1, struct handle_a)
#define MAP_A _IOWR('I', 2, struct fd_a)
#define SHARE_A _IOWR('I', 4, struct fd_a)
#define IMPORT_A 0xC0044905
#define CLEAN_A(n) _IOWR('I', n, struct flush_a)
#define GET_FLAGS_A _IOWR('I', 10, struct flags_a)

_Static_assert(ALLOC_A == (sizeof(word) == 4 ? 0xC0104900 : 0xC0204900), "number of generation A");
_Static_assert(CLEAN_A(7) == (sizeof(word) == 4 ? 0xC0144907 : 0xC0204907), "number of generation A");

static void alloc(const char* name, word len, word align, uint32_t flags) {
    struct alloc_a* data = ARG(struct alloc_a, .len = 0);
    memset(data, 0, sizeof *data);  // also what lies between the members: later drivers have flags there
    data->len = len;
    data->align = align;
    data->flags = flags;
    data->handle = SENTINEL;
    const int result = call(ALLOC_A, data);
    line(name, result, "handle=%llx len=%lld", (long long)data->handle, (long long)data->len);
}

static int share(const char* name, unsigned long command, word handle) {
    const int expected = lowest_free();
    struct fd_a* data = ARG(struct fd_a, .handle = handle, .fd = SENTINEL);
    const int result = call(command, data);
    if (result == 0) {
        line(name, result, "lowest=%d cloexec=%d", data->fd == expected,
             fcntl(data->fd, F_GETFD) == FD_CLOEXEC);
    } else {
        line(name, result, "fd=%x", (unsigned)data->fd);
    }
    return data->fd;
}

static void import(const char* name, int fd) {
    struct fd_a* data = ARG(struct fd_a, .handle = (word)-1, .fd = fd);
    const int result = call(IMPORT_A, data);
    line(name, result, "handle=%llx", (long long)data->handle);
}

static void release(const char* name, word handle) {
    line(name, call(FREE_A, ARG(struct handle_a, handle)), "%s", "");
}

static void get_flags(const char* name, word handle) {
    struct flags_a* data = ARG(struct flags_a, .handle = handle, .flags = SENTINEL);
    const int result = call(GET_FLAGS_A, data);
    line(name, result, "flags=%llx", (long long)data->flags);
}

static void flush(const char* name, int number, word handle, int fd, const void* address, uint32_t length) {
    struct flush_a* data =
        ARG(struct flush_a, .handle = handle, .fd = fd, .vaddr = address_of(address), .length = length);
    line(name, call(CLEAN_A((unsigned)number), data), "%s", "");
}

static void caches(int fd) {
    uint32_t* words = map_words(fd, 2 * PAGE);
    flush("clean_by_handle", 7, 1, -1, words, 2 * PAGE);
    flush("invalidate_by_handle", 8, 1, -1, words, 2 * PAGE);
    flush("both_by_handle", 9, 1, -1, (char*)words + 100, 200);
    flush("clean_by_fd", 7, 0, fd, words, PAGE);
    flush("clean_unknown_handle", 7, 99, -1, words, PAGE);
    flush("clean_no_handle_no_fd", 7, 0, -1, words, PAGE);
    flush("clean_at_0", 7, 1, -1, NULL, PAGE);
    flush("clean_beyond_mapping", 7, 1, -1, words, 1u << 30);
    munmap(words, 2 * PAGE);
    flush("clean_unmapped", 7, 1, -1, words, PAGE);
}

int main(int argc, char** argv) {
    NEED(argc == 2);
    device = open_device(argv[1]);
    release("free_null_first", 0);
    alloc("alloc", 5000, 0, 1);
    release("free_null_later", 0);
    alloc("alloc_empty", 0, 0, 1);
    alloc("alloc_no_heap", PAGE, 0, 1u << 20);
    alloc("alloc_mask_0", PAGE, 0, 0);
    get_flags("flags", 1);
    get_flags("flags_unknown", 99);

    const int first = share("share", SHARE_A, 1);
    const int second = share("map", MAP_A, 1);
    share("share_unknown", SHARE_A, 99);
    share("share_null", SHARE_A, 0);
    poke(first, 0xaaaa);
    printf("content %x\n", peek(second));
    caches(first);

    import("import_own", first);
    import("import_closed", 999);
    import("import_negative", -1);
    import("import_not_ours", STDOUT_FILENO);
    release("free", 1);
    release("free_again", 1);
    release("free_gone", 1);
    import("import_orphan", second);
    printf("content %x\n", peek(second));
    release("free_orphan", 1);
    return 0;
}
