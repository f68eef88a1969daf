// SPDX-License-Identifier: Apache-2.0
//
// Generation B, line by line, with the commands of msm.
//
//   semantics_b DEVICE

#define _GNU_SOURCE
#include "generation_b.h"

struct flush_b {
    int32_t handle, fd;
    word vaddr;
    uint32_t offset, length;
};
struct region {
    uint32_t vmid;
    word sizes;
    uint32_t count;
};
struct prefetch {
    int32_t heap_mask;
    word len, regions;
    uint32_t count;
};
#define FLUSH_B(n) _IOWR('M', n, struct flush_b)
#define PREFETCH _IOWR('M', 3, struct prefetch)
#define DRAIN _IOWR('M', 4, struct prefetch)

_Static_assert(FLUSH_B(0) == (sizeof(word) == 4 ? 0xC0144D00 : 0xC0184D00), "number of generation B");
_Static_assert(PREFETCH == (sizeof(word) == 4 ? 0xC0104D03 : 0xC0204D03), "number of generation B");

static void alloc(const char* name, word len, word align, uint32_t mask, uint32_t flags) {
    struct alloc_b* data = ARG(struct alloc_b, .len = len, .align = align, .heap_mask = mask, .flags = flags,
                               .handle = SENTINEL);
    const int result = call(ALLOC_B, data);
    line(name, result, "handle=%x len=%lld", (unsigned)data->handle, (long long)data->len);
}

static int fd_of(const char* name, unsigned long command, int handle) {
    const int expected = lowest_free();
    struct fd_b* data = ARG(struct fd_b, .handle = handle, .fd = SENTINEL);
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
    struct fd_b* data = ARG(struct fd_b, .handle = -1, .fd = fd);
    const int result = call(IMPORT_B, data);
    line(name, result, "handle=%x", (unsigned)data->handle);
}

static void release(const char* name, int handle) {
    line(name, free_b(device, handle), "%s", "");
}

static void sync_fd(const char* name, int fd) {
    line(name, call(SYNC_B, ARG(struct fd_b, .fd = fd)), "%s", "");
}

static void custom(const char* name, uint32_t command, const void* argument) {
    line(name, call(CUSTOM_B, ARG(struct custom_b, command, address_of(argument))), "%s", "");
}

static void allocation(void) {
    release("free_0_first", 0);
    alloc("alloc", 5000, 0, SYSTEM, 1);
    alloc("alloc_second", PAGE, PAGE, CARVEOUT, 0);
    alloc("alloc_either", PAGE, PAGE, SYSTEM | CARVEOUT, 0xffff0000);
    release("free_0_later", 0);
    release("free_negative", -1);
    release("free_second", 2);
    alloc("alloc_lowest_number", PAGE, 0, SYSTEM, 0);
    alloc("alloc_empty", 0, 0, SYSTEM, 0);
    alloc("alloc_no_heap", PAGE, 0, 1u << 20, 0);
    alloc("alloc_no_mask", PAGE, 0, 0, 0);
    alloc("alloc_odd_alignment", PAGE, (word)-1, SYSTEM, 0);
    alloc("alloc_heap_full", 1u << 30, 0, CARVEOUT, 0);
}

static void descriptors(void) {
    const int first = fd_of("share", SHARE_B, 1);
    const int second = fd_of("map", MAP_B, 1);
    poke(first, 0xbbbb);
    printf("content %x\n", peek(second));
    fd_of("share_0", SHARE_B, 0);
    fd_of("share_negative", SHARE_B, -1);
    fd_of("share_unknown", SHARE_B, 99);
    sync_fd("sync", first);
    sync_fd("sync_not_ours", STDOUT_FILENO);
    sync_fd("sync_closed", 999);
    import("import_own", first);
    import("import_closed", 999);
    import("import_not_ours", STDOUT_FILENO);
    release("free", 1);
    release("free_again", 1);
    release("free_gone", 1);
    fd_of("share_gone", SHARE_B, 1);
    import("import_orphan", second);
}

static void caches(int fd) {
    uint32_t* words = map_words(fd, PAGE);
    struct flush_b data = {.handle = 1, .vaddr = address_of(words), .length = PAGE};
    line("clean", call(FLUSH_B(0), ARG(struct flush_b, 1, -1, address_of(words), 0, PAGE)), "%s", "");
    line("invalidate", call(FLUSH_B(1), ARG(struct flush_b, -1, fd, address_of(words), 0, PAGE)), "%s", "");
    line("both_at_0", call(FLUSH_B(2), ARG(struct flush_b, 1, -1, 0, 0, PAGE)), "%s", "");
    line("clean_unknown", call(FLUSH_B(0), ARG(struct flush_b, 99, -1, 0, 0, PAGE)), "%s", "");
    line("clean_wraps", call(FLUSH_B(0), ARG(struct flush_b, 1, -1, (word)-PAGE, 0, 2 * PAGE)), "%s", "");
    custom("custom_clean", FLUSH_B(0), low_copy(&data, sizeof data));
    custom("custom_clean_bad_pointer", FLUSH_B(0), NULL);
    custom("custom_unknown", 0x1234, NULL);
    custom("custom_get_phys", 0xC0185200, low_copy(&data, sizeof data));
    munmap(words, PAGE);
}

static void prefetch(void) {
    const word* sizes = low_copy((word[]){PAGE, 2 * PAGE}, 2 * sizeof(word));
    const struct region regions[] = {{1, address_of(sizes), 2}, {2, address_of(sizes + 1), 1}, {3, 0, 0}};
    const word good = address_of(low_copy(regions, sizeof regions));
    const word bad = address_of(ARG(struct region, 1, 8, 1));
    line("prefetch", call(PREFETCH, ARG(struct prefetch, SYSTEM, PAGE, good, 3)), "%s", "");
    line("drain", call(DRAIN, ARG(struct prefetch, SYSTEM, PAGE, good, 3)), "%s", "");
    line("prefetch_nothing", call(PREFETCH, ARG(struct prefetch, SYSTEM, PAGE, 0, 0)), "%s", "");
    line("prefetch_33_regions", call(PREFETCH, ARG(struct prefetch, SYSTEM, PAGE, good, 33)), "%s", "");
    line("prefetch_bad_regions", call(PREFETCH, ARG(struct prefetch, SYSTEM, PAGE, 8, 1)), "%s", "");
    line("prefetch_bad_sizes", call(PREFETCH, ARG(struct prefetch, SYSTEM, PAGE, bad, 1)), "%s", "");
}

int main(int argc, char** argv) {
    NEED(argc == 2);
    device = open_device(argv[1]);
    allocation();
    descriptors();
    caches(share_b(device, 1));
    prefetch();
    return 0;
}
