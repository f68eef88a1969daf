// SPDX-License-Identifier: Apache-2.0
//
// HEAP_QUERY: counts, reserved fields, and arrays and arguments in places that can and cannot be used.

#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "report.h"

enum {
    UNTOUCHED = 0xa5,   // fills arrays before a call
    ARRAY_RECORDS = 40  // that are looked at
};

/// Where a query's array lies, and what the row calls it.
struct array {
    uint64_t address;
    const char* name;
    unsigned char* bytes;  ///< to fill beforehand and to look at; NULL: neither
};

/// Number of the last record that was written to, from 1.
static uint32_t records_written(const unsigned char* bytes) {
    uint32_t written = 0;
    for (uint32_t i = 0; i < ARRAY_RECORDS * sizeof(struct heap_data); ++i) {
        if (bytes[i] != UNTOUCHED) {
            written = i / sizeof(struct heap_data) + 1;
        }
    }
    return written;
}

static const char* count_name(uint32_t count, const char* format) {
    return count == device.heap_count ? "heap_count" : text(format, count);
}

static void query_case(const char* name, struct heap_query sent, struct array array) {
    if (array.bytes != NULL) {
        memset(array.bytes, UNTOUCHED, ARRAY_RECORDS * sizeof(struct heap_data));
    }
    sent.heaps = array.address;
    struct heap_query got = sent;
    const struct outcome outcome = CALL(ion_ioctl(device.fd, QUERY, &got));
    const char* after = got.cnt == sent.cnt ? "same" : count_name(got.cnt, "0x%x");
    const char* written = array.bytes == NULL
                              ? ""
                              : text(" entries_written=%s", count_name(records_written(array.bytes), "%u"));
    report(name,
           text("cnt=0x%x heaps=%s reserved=%u,%u,%u", sent.cnt, array.name, sent.reserved0, sent.reserved1,
                sent.reserved2),
           outcome, "cnt_after=%s%s%s%s%s", after, got.heaps == sent.heaps ? "" : " heaps_changed",
           got.reserved0 == sent.reserved0 ? "" : " reserved0_changed",
           got.reserved1 == sent.reserved1 && got.reserved2 == sent.reserved2 ? "" : " reserved12_changed",
           written);
}
#define QUERY_CASE(name, array, ...) query_case(name, (struct heap_query){__VA_ARGS__}, array)

static const struct array no_array = {0, "NULL", NULL};

static void observe_heaps(const struct heap_data* heaps) {
    for (uint32_t i = 0; i < device.heap_count; ++i) {
        const struct heap_data* heap = &heaps[i];
        const size_t length = strnlen(heap->name, sizeof heap->name);
        observe(text("heap[%u]", i), "in the order the device lists them",
                "name=%.32s type=%u id=%u name_padding_zero=%s reserved_zero=%s", heap->name, heap->type,
                heap->heap_id, yes(all_zero(heap->name + length, sizeof heap->name - length)),
                yes(heap->reserved0 == 0 && heap->reserved1 == 0 && heap->reserved2 == 0));
    }
}

static void counts_and_reserved(struct array array) {
    const uint32_t all = device.heap_count;
    const struct heap_data* heaps = (const struct heap_data*)array.bytes;
    QUERY_CASE("count", no_array, 0);
    QUERY_CASE("count_cnt1", no_array, .cnt = 1);
    QUERY_CASE("count_cnt_max", no_array, .cnt = ~0u);
    QUERY_CASE("cnt_exact", array, .cnt = all);
    observe_heaps(heaps);
    QUERY_CASE("cnt1", array, .cnt = 1);
    observe("cnt1.which", "cnt=1", "name=%.32s id=%u", heaps[0].name, heaps[0].heap_id);
    QUERY_CASE("cnt2", array, .cnt = 2);
    QUERY_CASE("cnt_plus1", array, .cnt = all + 1);
    QUERY_CASE("cnt100", array, .cnt = 100);
    QUERY_CASE("cnt_7fffffff", array, .cnt = 0x7fffffff);
    QUERY_CASE("cnt_80000000", array, .cnt = 0x80000000);
    QUERY_CASE("cnt_ffffffff", array, .cnt = 0xffffffff);
    QUERY_CASE("cnt0_with_buf", array, .cnt = 0);
    QUERY_CASE("reserved0", no_array, .reserved0 = 1);
    QUERY_CASE("reserved1", no_array, .reserved1 = 1);
    QUERY_CASE("reserved2", no_array, .reserved2 = 1);
    QUERY_CASE("reserved2_ffffffff", no_array, .reserved2 = ~0u);
    QUERY_CASE("reserved0_buf", array, .cnt = all, .reserved0 = 1);
}

static struct array at(const void* address, const char* name) {
    return (struct array){(uintptr_t)address, name, NULL};
}

static void arrays(struct array array) {
    const uint32_t all = device.heap_count;
    const struct array nowhere = at(unmapped_address(), "unmapped");
    QUERY_CASE("reserved0_badbuf", nowhere, .cnt = all, .reserved0 = 1);
    QUERY_CASE("heaps_1", at((void*)1, "1"), .cnt = all);
    QUERY_CASE("heaps_unmapped", nowhere, .cnt = all);
    QUERY_CASE("heaps_unmapped_cnt0", nowhere, .cnt = 0);
    QUERY_CASE("heaps_deadf00d", at((void*)0xdeadf00d, "0xdeadf00d"), .cnt = all);
    QUERY_CASE("heaps_kernel", at((void*)0xffff888000001000, "kernel"), .cnt = all);
    QUERY_CASE("heaps_noncanonical", at((void*)0x4141414141414141, "noncanonical"), .cnt = all);
    QUERY_CASE("heaps_ffff", at((void*)~0ul, "~0"), .cnt = all);
    QUERY_CASE("heaps_readonly", at(pages(1, PROT_READ), "PROT_READ page"), .cnt = all);
    QUERY_CASE("heaps_protnone", at(pages(1, PROT_NONE), "PROT_NONE page"), .cnt = all);
    QUERY_CASE("heaps_unaligned", at(array.bytes + 1, "buf+1"), .cnt = all);

    unsigned char* last = array.bytes + PAGE - sizeof(struct heap_data);  // up to a page that is not there
    memset(last, UNTOUCHED, sizeof(struct heap_data));
    QUERY_CASE("heaps_room_for_1_cnt_all", at(last, "1 entry, then unmapped"), .cnt = all);
    observe("heaps_room_for_1_cnt_all.entry", NULL, "first_entry_written=%s",
            yes(last[sizeof(struct heap_data) - 1] != UNTOUCHED));
    QUERY_CASE("heaps_room_for_1_cnt1", at(last, "1 entry, then unmapped"), .cnt = 1);
    QUERY_CASE("heaps_room_for_half_cnt1", at(last + 26, "half an entry, then unmapped"), .cnt = 1);
}

/// A page with a query that can only be read.
static struct heap_query* read_only(struct heap_query query) {
    struct heap_query* page = pages(1, PROT_READ | PROT_WRITE);
    *page = query;
    mprotect(page, PAGE, PROT_READ);
    return page;
}

static void arguments(struct array array) {
    TRY("arg_null", "NULL", ion_ioctl(device.fd, QUERY, NULL));
    TRY("arg_1", "1", ion_ioctl(device.fd, QUERY, (void*)1));
    TRY("arg_unmapped", "unmapped", ion_ioctl(device.fd, QUERY, unmapped_address()));

    memset(array.bytes, UNTOUCHED, PAGE);
    struct heap_query* query =
        read_only((struct heap_query){.cnt = device.heap_count, .heaps = array.address});
    struct outcome outcome = CALL(ion_ioctl(device.fd, QUERY, query));
    report("arg_readonly", "PROT_READ page, heaps=buf", outcome, "entries_written=%s",
           yes(records_written(array.bytes) > 0));
    query = read_only((struct heap_query){0});
    TRY("arg_readonly_count", "PROT_READ page, heaps=0", ion_ioctl(device.fd, QUERY, query));
    query = read_only((struct heap_query){.reserved0 = 1});
    TRY("arg_readonly_reserved", "PROT_READ page, reserved0=1", ion_ioctl(device.fd, QUERY, query));

    char* two = pages(2, PROT_READ | PROT_WRITE);
    query = (struct heap_query*)(two + PAGE - sizeof *query / 2);
    TRY("arg_straddles_pages", "12 bytes on each page", ion_ioctl(device.fd, QUERY, query));
    query->cnt = 0;
    mprotect(two + PAGE, PAGE, PROT_READ);
    outcome = CALL(ion_ioctl(device.fd, QUERY, query));
    report("arg_straddles_rw_ro", "second page PROT_READ", outcome, "cnt_written=%s", yes(query->cnt != 0));
    query->cnt = 0;
    mprotect(two + PAGE, PAGE, PROT_NONE);
    TRY("arg_straddles_rw_none", "second page PROT_NONE", ion_ioctl(device.fd, QUERY, query));

    unsigned char* page = pages(1, PROT_READ | PROT_WRITE);
    query = (struct heap_query*)page;
    *query = (struct heap_query){.cnt = 1, .heaps = (uintptr_t)page};
    outcome = CALL(ion_ioctl(device.fd, QUERY, query));
    report("heaps_overlap_arg", "heaps=arg cnt=1", outcome, "cnt=%u heaps_field=%s type_at_32=%s", query->cnt,
           query->heaps == (uintptr_t)page ? "same" : "changed",
           ((const struct heap_data*)page)->type == device.heaps[0].type ? "heap[0].type" : "other");
}

static void in_a_buffer(void) {
    const int fd = need_buffer(PAGE, system_mask(), UNCACHED);
    char* buffer = map_shared(fd, PAGE);
    QUERY_CASE("heaps_in_dmabuf", at(buffer + 1024, "inside a dma-buf mapping"), .cnt = device.heap_count);
    struct heap_query* query = (struct heap_query*)buffer;
    *query = (struct heap_query){0};
    const struct outcome outcome = CALL(ion_ioctl(device.fd, QUERY, query));
    report("arg_in_dmabuf", "inside a dma-buf mapping", outcome, "cnt_is_heap_count=%s",
           yes(query->cnt == device.heap_count));
}

void group_query(const struct role* role) {
    (void)role;
    set_prefix("query");
    unsigned char* bytes = pages(1, PROT_READ | PROT_WRITE);
    const struct array array = {(uintptr_t)bytes, "buf", bytes};
    counts_and_reserved(array);
    arrays(array);
    arguments(array);
    in_a_buffer();
}
