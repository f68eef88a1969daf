// SPDX-License-Identifier: Apache-2.0
//
// Arguments of mmap on a buffer: protections, kinds, lengths, offsets and fixed addresses.

#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "report.h"

enum { RW = PROT_READ | PROT_WRITE, SIZE = 4 * PAGE };

struct mapping {
    size_t length;
    int protection, flags;
    off_t offset;
};

/// Maps, reads the first and the last byte where that is allowed, and unmaps.
static void map_case(const char* name, const char* inputs, int fd, struct mapping mapping) {
    const struct outcome mapped =
        CALL(mmap(NULL, mapping.length, mapping.protection, mapping.flags, fd, mapping.offset));
    if (mapped.error != 0 || (mapping.protection & PROT_READ) == 0) {
        report_as(name, inputs, mapped, "addr", "%s", "");
    } else {
        char* first = (char*)mapped.value;
        const char* at_first = touch(first, 'r');
        const char* at_last = touch(first + (mapping.length + PAGE - 1) / PAGE * PAGE - 1, 'r');
        report_as(name, inputs, mapped, "addr", "first_byte=%s last_byte=%s", at_first, at_last);
    }
    if (mapped.error == 0) {
        munmap((void*)mapped.value, mapping.length);
    }
}
#define MAP_CASE(name, inputs, fd, ...) map_case(name, inputs, fd, (struct mapping){__VA_ARGS__})

static void protections(int fd, int one_page) {
    static const struct {
        const char* name;
        int protection;
    } cases[] = {{"r", PROT_READ},
                 {"w", PROT_WRITE},
                 {"rw", RW},
                 {"none", PROT_NONE},
                 {"rx", PROT_READ | PROT_EXEC},
                 {"rwx", RW | PROT_EXEC}};
    enum { CASES = sizeof cases / sizeof cases[0] };
    for (int i = 0; i < CASES; ++i) {
        MAP_CASE(text("shared_%s", cases[i].name), "4 pages of 4", fd, SIZE, cases[i].protection, MAP_SHARED,
                 0);
    }
    for (int i = 0; i < CASES; ++i) {
        MAP_CASE(text("private_%s_4pages", cases[i].name), "4 pages of 4", fd, SIZE, cases[i].protection,
                 MAP_PRIVATE, 0);
    }
    for (int i = 0; i < CASES; ++i) {
        MAP_CASE(text("private_%s_1page", cases[i].name), "1 page of 1", one_page, PAGE, cases[i].protection,
                 MAP_PRIVATE, 0);
    }
}

static void kinds(const struct role* role, int fd) {
    MAP_CASE("private_rw_1of4", "1 page of 4", fd, PAGE, RW, MAP_PRIVATE, 0);
    MAP_CASE("private_rw_1of4_off", "1 page of 4, off=8192", fd, PAGE, RW, MAP_PRIVATE, 2 * PAGE);
    const int large = need_buffer(69632, mask_of(role), UNCACHED);
    MAP_CASE("private_r_69632", "17 pages of 17", large, 69632, PROT_READ, MAP_PRIVATE, 0);
    close(large);
    const int cached = need_buffer(SIZE, mask_of(role), CACHED);
    MAP_CASE("private_rw_cached", "4 pages of 4, ION_FLAG_CACHED", cached, SIZE, RW, MAP_PRIVATE, 0);
    MAP_CASE("shared_rw_cached", "4 pages of 4, ION_FLAG_CACHED", cached, SIZE, RW, MAP_SHARED, 0);
    close(cached);

    static const struct {
        const char *name, *inputs;
        int flags;
    } cases[] = {{"shared_validate", "MAP_SHARED_VALIDATE", MAP_SHARED_VALIDATE},
                 {"shared_validate_sync", "MAP_SHARED_VALIDATE|MAP_SYNC", MAP_SHARED_VALIDATE | MAP_SYNC},
                 {"populate", "MAP_POPULATE", MAP_SHARED | MAP_POPULATE},
                 {"locked", "MAP_LOCKED", MAP_SHARED | MAP_LOCKED},
                 {"noreserve", "MAP_NORESERVE", MAP_SHARED | MAP_NORESERVE},
                 {"hugetlb", "MAP_HUGETLB", MAP_SHARED | MAP_HUGETLB},
                 {"growsdown", "MAP_SHARED|MAP_GROWSDOWN", MAP_SHARED | MAP_GROWSDOWN},
                 {"no_type", "flags=0", 0},
                 {"bad_type", "flags=0xf", 0xf}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        MAP_CASE(cases[i].name, cases[i].inputs, fd, SIZE, RW, cases[i].flags, 0);
    }
}

static void extents(const struct role* role, int fd) {
    static const struct {
        const char* name;
        size_t length;
        off_t offset;
    } cases[] = {{"len0", 0, 0},
                 {"len1", 1, 0},
                 {"len_minus1", SIZE - 1, 0},
                 {"len_plus1", SIZE + 1, 0},
                 {"len_plus_page", SIZE + PAGE, 0},
                 {"len_double", 2 * SIZE, 0},
                 {"half", SIZE / 2, 0},
                 {"off1p_3p", 3 * PAGE, PAGE},
                 {"off1p_4p", 4 * PAGE, PAGE},
                 {"off3p_1p", PAGE, 3 * PAGE},
                 {"off3p_2p", 2 * PAGE, 3 * PAGE},
                 {"off_end_1p", PAGE, SIZE},
                 {"off_beyond", PAGE, 2 * SIZE},
                 {"off_1", PAGE, 1},
                 {"off_4095", PAGE, 4095},
                 {"off_neg", PAGE, -4096},
                 {"off_1T", PAGE, 1ll << 40},
                 {"off_max", PAGE, 0x7ffffffffffff000},
                 {"off3p_lenmax", 0x7ffffff000, 3 * PAGE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        MAP_CASE(cases[i].name,
                 text("buffer 4 pages, len=%zu off=%lld", cases[i].length, (long long)cases[i].offset), fd,
                 cases[i].length, RW, MAP_SHARED, cases[i].offset);
    }
    const int rounded = need_buffer(1, mask_of(role), UNCACHED);
    MAP_CASE("alloc1_map4096", "allocated len=1, map 4096", rounded, PAGE, RW, MAP_SHARED, 0);
    MAP_CASE("alloc1_map8192", "allocated len=1, map 8192", rounded, 2 * PAGE, RW, MAP_SHARED, 0);
    close(rounded);
}

static void fixed_addresses(int fd) {
    char* area = pages(8, RW);
    struct outcome mapped = CALL(mmap(area, SIZE, RW, MAP_SHARED | MAP_FIXED, fd, 0));
    report_as("fixed", "MAP_FIXED over anonymous memory", mapped,
              (char*)mapped.value == area ? "addr" : "elsewhere", "%s", "");
    mapped = CALL(mmap(area, SIZE, RW, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0));
    report_as("fixed_noreplace", "over an existing mapping", mapped, "addr", "%s", "");
    mapped = CALL(mmap(area + 1, SIZE, RW, MAP_SHARED | MAP_FIXED, fd, 0));
    report_as("fixed_unaligned", "addr+1", mapped, "addr", "%s", "");
    munmap(area, SIZE);
}

void group_mmap(const struct role* role) {
    set_prefix("mmap.%s", role->name);
    const int fd = need_buffer(SIZE, mask_of(role), UNCACHED);
    const int one_page = need_buffer(PAGE, mask_of(role), UNCACHED);
    protections(fd, one_page);
    kinds(role, fd);
    extents(role, fd);
    fixed_addresses(fd);
    close(one_page);
    close(fd);
    mapping_cases(role);
}
