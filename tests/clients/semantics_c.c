// SPDX-License-Identifier: Apache-2.0
//
// Generations C and D, line by line; then commands that nobody has and arguments in places that cannot be used.
//
//   semantics_c DEVICE

#define _GNU_SOURCE
#include "generation_b.h"

struct alloc_c {
    uint64_t len;
    uint32_t heap_mask, flags, fd, unused;
};
struct query {
    uint32_t count, reserved0;
    uint64_t heaps;
    uint32_t reserved1, reserved2;
};
struct heap {
    char name[32];
    uint32_t type, id, reserved[3];
};
#define ALLOC_C _IOWR('I', 0, struct alloc_c)
#define HEAP_QUERY _IOWR('I', 8, struct query)
#define ABI_VERSION _IOR('I', 9, uint32_t)

_Static_assert(ALLOC_C == 0xC0184900 && HEAP_QUERY == 0xC0184908 && ABI_VERSION == 0x80044909,
               "numbers of C");

static int alloc(const char* name, uint64_t len, uint32_t mask, uint32_t flags) {
    const int expected = lowest_free();
    struct alloc_c* data = ARG(struct alloc_c, len, mask, flags, SENTINEL, SENTINEL);
    const int result = call(ALLOC_C, data);
    if (result == 0) {
        line(name, result, "lowest=%d cloexec=%d rdwr=%d unused=%x", (int)data->fd == expected,
             fcntl((int)data->fd, F_GETFD) == FD_CLOEXEC,
             (fcntl((int)data->fd, F_GETFL) & O_ACCMODE) == O_RDWR, data->unused);
    } else {
        line(name, result, "fd=%x", data->fd);
    }
    return (int)data->fd;
}

static void query(const char* name, struct query question) {
    struct query* data = low_copy(&question, sizeof question);
    const int result = call(HEAP_QUERY, data);
    line(name, result, "count=%u", data->count);
}

static void queries(void) {
    struct heap* heaps = (struct heap*)low_pages(1, PROT_READ | PROT_WRITE);
    const uint64_t array = (uintptr_t)heaps;
    query("query_count", (struct query){0});
    query("query_count_ignores_count", (struct query){.count = 77});
    query("query_one", (struct query){.count = 1, .heaps = array});
    printf("heap %s type=%u id=%u; next '%s'\n", heaps[0].name, heaps[0].type, heaps[0].id, heaps[1].name);
    query("query_all", (struct query){.count = 10, .heaps = array});
    for (const struct heap* one = heaps; one->name[0] != '\0'; ++one) {
        printf("heap %s type=%u id=%u\n", one->name, one->type, one->id);
    }
    query("query_none", (struct query){.heaps = array});
    query("query_reserved0", (struct query){.reserved0 = 1});
    query("query_reserved1", (struct query){.reserved1 = 1});
    query("query_reserved2", (struct query){.count = 1, .heaps = array, .reserved2 = 1});
    query("query_bad_array", (struct query){.count = 1, .heaps = 8});
    uint32_t* version = ARG(uint32_t, SENTINEL);
    const int result = call(ABI_VERSION, version);
    line("abi_version", result, "version=%u", *version);
}

static void unknown(const char* name, unsigned long command, void* argument) {
    line(name, call(command, argument), "%s", "");
}

static void unknown_commands(void* good) {
    unknown("unknown", _IOWR('I', 99, uint32_t), good);
    unknown("unknown_without_argument", _IO('I', 99), NULL);
    unknown("unknown_other_magic", _IOWR('Q', 0, uint32_t), good);
    unknown("unknown_24_bytes", _IOC(3u, 'I', 99, 24), good);
    unknown("unknown_28_bytes", _IOC(3u, 'I', 99, 28), good);
    unknown("unknown_33_bytes", _IOC(3u, 'I', 99, 33), good);
    unknown("unknown_bad_pointer", _IOWR('I', 99, uint32_t), (void*)8);
    unknown("unknown_33_bytes_bad_pointer", _IOC(3u, 'I', 99, 33), (void*)8);
    allocate_b(device);
    unknown("unknown_28_bytes_by_old_program", _IOC(3u, 'I', 99, 28), good);
    unknown("unknown_33_bytes_by_old_program", _IOC(3u, 'I', 99, 33), good);
}

static void alloc_at(const char* name, char* address) {
    const struct alloc_c request = {.len = PAGE, .heap_mask = SYSTEM};
    memcpy(address, &request, sizeof request);
    line(name, call(ALLOC_C, address), "%s", "");
}

static void bad_pointers(void) {
    char* pages = low_pages(3, PROT_READ | PROT_WRITE);
    NEED(munmap(pages + 2 * PAGE, PAGE) == 0);
    alloc_at("argument_ends_with_page", pages + 2 * PAGE - sizeof(struct alloc_c));
    alloc_at("argument_crosses_pages", pages + PAGE - 4);
    NEED(munmap(pages + PAGE, PAGE) == 0);
    line("argument_crosses_end", call(ALLOC_C, pages + PAGE - 8), "%s", "");
    const struct alloc_c request = {.len = PAGE, .heap_mask = SYSTEM};
    memcpy(pages, &request, sizeof request);
    NEED(mprotect(pages, PAGE, PROT_READ) == 0);
    const int expected = lowest_free();
    line("argument_read_only", call(ALLOC_C, pages), "leaked=%d", lowest_free() != expected);
    NEED(mprotect(pages, PAGE, PROT_NONE) == 0);
    line("argument_unreadable", call(ALLOC_C, pages), "%s", "");
    line("argument_null", call(ALLOC_C, NULL), "%s", "");
}

int main(int argc, char** argv) {
    NEED(argc == 2);
    device = open_device(argv[1]);
    const int first = alloc("alloc", 5000, SYSTEM, 1);
    alloc("alloc_carveout", PAGE, CARVEOUT, 0xffff0000);
    alloc("alloc_empty", 0, SYSTEM, 0);
    alloc("alloc_huge", ~0ull, SYSTEM, 0);
    alloc("alloc_no_heap", PAGE, 1u << 20, 0);
    alloc("alloc_heap_full", 1u << 30, CARVEOUT, 0);
    printf("content %x\n", peek(first));
    queries();
    unknown_commands(low_pages(1, PROT_READ | PROT_WRITE));
    bad_pointers();
    return 0;
}
