// SPDX-License-Identifier: Apache-2.0
//
// What the configuration's personality decides, line by line.
//
//   personality DEVICE

#define _GNU_SOURCE
#include "generation_b.h"

static void import(const char* name, int fd) {
    struct fd_b data = {.handle = SENTINEL, .fd = fd};
    const int result = call(IMPORT_B, &data);
    line(name, result, "handle=%x", (unsigned)data.handle);
}

/// IMPORT of generation A: its number says 4 bytes, the driver reads and writes the whole struct.
static void import_a(const char* name, int fd) {
    struct {
        word handle;
        int32_t fd;
    } data = {.handle = SENTINEL, .fd = fd};
    const int result = call(0xC0044905, &data);
    line(name, result, "handle=%llx", (unsigned long long)data.handle);
}

static int alloc(const char* name, uint32_t mask) {
    struct alloc_b data = {.len = PAGE, .heap_mask = mask};
    line(name, call(ALLOC_B, &data), "%s", "");
    return data.handle;
}

static void share_on(const char* name, int on, int handle) {
    struct fd_b data = {.handle = handle};
    line(name, call_on(on, SHARE_B, &data), "%s", "");
}

int main(int argc, char** argv) {
    NEED(argc == 2);
    device = open_device(argv[1]);
    line("free_0_first", free_b(device, 0), "%s", "");
    line("abi_version", call(_IOR('I', 9, uint32_t), ARG(uint32_t, 0)), "%s", "");
    alloc("alloc", SYSTEM | CARVEOUT);
    free_b(device, alloc("alloc_secure", SYSTEM | 1u << 31));  // so that heaps show the first alone
    line("free_0_later", free_b(device, 0), "%s", "");
    import("import_closed", 999);
    import("import_not_ours", STDOUT_FILENO);
    import_a("import_a_closed", 999);
    import_a("import_a_not_ours", STDOUT_FILENO);
    share_on("share", device, 1);

    const int uncached = open(argv[1], O_RDWR | O_DSYNC | O_CLOEXEC);
    NEED(uncached >= 0);
    struct fd_b shared = {.handle = 1};
    if (call(SHARE_B, &shared) == 0) {
        uint32_t* words = map_words(shared.fd, PAGE);
        const int handle = import_b(uncached, shared.fd);
        share_on("share_uncached_while_mapped", uncached, handle);
        munmap(words, PAGE);
    }
    printf("holds\n");
    fflush(stdout);
    wait_for_line();
    return 0;
}
