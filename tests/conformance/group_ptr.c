// SPDX-License-Identifier: Apache-2.0
//
// ALLOC with its argument in every kind of memory: what cannot be read or written, and what has a boundary inside.

#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "processes.h"
#include "report.h"

static void alloc_at(const char* name, const char* where, void* argument) {
    const int before = open_fds();
    const int lowest = lowest_free_fd();
    const struct outcome outcome = CALL(ion_ioctl(device.fd, ALLOC, argument));
    const int new_fds = open_fds() - before;
    report(name, where, outcome, "new_fds=%d", new_fds);
    if (new_fds > 0) {
        close(lowest);
    }
}

static struct allocation good(void) {
    return (struct allocation){.len = PAGE, .heap_id_mask = system_mask()};
}

/// Writes an argument, and gives its address.
static void* put(void* address, struct allocation data) {
    return memcpy(address, &data, sizeof data);
}

static void addresses(void) {
    alloc_at("null", "NULL", NULL);
    alloc_at("1", "1", (void*)1);
    alloc_at("unmapped", "unmapped", unmapped_address());
    alloc_at("minus1", "~0", (void*)~0ul);
    alloc_at("kernel", "0xffff888000001000", (void*)0xffff888000001000);
    alloc_at("noncanonical", "0x4141414141414141", (void*)0x4141414141414141);
    alloc_at("task_size", "0x7fffffffffe8", (void*)0x7fffffffffe8);
}

static void one_page(void) {
    char* page = pages(1, PROT_READ | PROT_WRITE);
    alloc_at("good", "page start", put(page, good()));
    alloc_at("unaligned_1", "page start + 1", put(page + 1, good()));
    alloc_at("unaligned_4", "page start + 4", put(page + 4, good()));
    alloc_at("last_24_bytes", "ends where the page ends", put(page + PAGE - 24, good()));
    alloc_at("one_byte_over", "last byte is on a page that is not there", page + PAGE - 23);

    static const struct {
        const char *name, *where;
        uint64_t length;
        bool has_mask;
    } read_only[] = {{"readonly", "PROT_READ page, good values", PAGE, true},
                     {"readonly_len0", "PROT_READ page, len=0", 0, true},
                     {"readonly_mask0", "PROT_READ page, mask=0", PAGE, false}};
    for (int i = 0; i < 3; ++i) {
        mprotect(page, PAGE, PROT_READ | PROT_WRITE);
        put(page, (struct allocation){.len = read_only[i].length,
                                      .heap_id_mask = read_only[i].has_mask ? system_mask() : 0});
        mprotect(page, PAGE, PROT_READ);
        alloc_at(read_only[i].name, read_only[i].where, page);
    }
    mprotect(page, PAGE, PROT_NONE);
    alloc_at("protnone", "PROT_NONE page", page);
}

static void two_pages(void) {
    static const struct {
        const char *name, *where;
        int first, second;
    } cases[] = {
        {"straddle_rw_rw", "12 bytes on each page", PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE},
        {"straddle_rw_ro", "second page PROT_READ", PROT_READ | PROT_WRITE, PROT_READ},
        {"straddle_ro_rw", "first page PROT_READ", PROT_READ, PROT_READ | PROT_WRITE},
        {"straddle_rw_none", "second page PROT_NONE", PROT_READ | PROT_WRITE, PROT_NONE},
        {"straddle_none_rw", "first page PROT_NONE", PROT_NONE, PROT_READ | PROT_WRITE},
    };
    char* area = pages(2, PROT_READ | PROT_WRITE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        mprotect(area, 2 * PAGE, PROT_READ | PROT_WRITE);
        char* argument = put(area + PAGE - 12, good());
        mprotect(area, PAGE, cases[i].first);
        mprotect(area + PAGE, PAGE, cases[i].second);
        alloc_at(cases[i].name, cases[i].where, argument);
    }
}

static void mappings(void) {
    const int file = memfd_create("argument", MFD_CLOEXEC);
    const struct allocation data = good();
    if (file < 0 || ftruncate(file, PAGE) != 0 || pwrite(file, &data, sizeof data, 0) != sizeof data) {
        return;  // the rows are missed
    }
    char* shared = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, file, 0);
    alloc_at("readonly_file_mapping", "shared PROT_READ mapping of a file", shared);
    alloc_at("past_eof", "file mapping, page past the end of the file", shared + PAGE);
    void* private = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    alloc_at("private_file_mapping", "private writable mapping of a file", private);

    const int fd = need_buffer(PAGE, system_mask(), UNCACHED);
    char* buffer = map_shared(fd, PAGE);
    alloc_at("in_dmabuf", "inside a writable dma-buf mapping", put(buffer, good()));
    char* readable = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    put(buffer, good());
    alloc_at("in_dmabuf_readonly", "inside a PROT_READ dma-buf mapping", readable);

    void* fresh = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    alloc_at("fresh_zero_page", "never touched: len=0", fresh);
}

void group_ptr(const struct role* role) {
    (void)role;
    set_prefix("ptr");
    addresses();
    one_page();
    two_pages();
    mappings();
}
