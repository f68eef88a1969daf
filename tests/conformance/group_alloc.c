// SPDX-License-Identifier: Apache-2.0
//
// ALLOC: lengths, masks, flags and fields that nobody reads; the number of the new descriptor; zeroed memory.

#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "processes.h"
#include "report.h"

/// Stands in `fd` before calls that fail, to be found there afterwards.
static const uint32_t untouched = 0xdeadbeef;

static bool same_but_fd(const struct allocation* a, const struct allocation* b) {
    return a->len == b->len && a->heap_id_mask == b->heap_id_mask && a->flags == b->flags &&
           a->unused == b->unused;
}

static void report_buffer(const char* name, const char* inputs, const struct allocation* sent,
                          const struct allocation* got, int lowest, int new_fds) {
    struct stat status;
    const int fd = (int)got->fd;
    fstat(fd, &status);
    row(name, inputs, "0", 0,
        "size=%lld lseek_end=%lld fd_lowest_free=%s cloexec=%s new_fds=%d other_fields=%s",
        (long long)status.st_size, (long long)lseek(fd, 0, SEEK_END), yes(fd == lowest),
        yes((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0), new_fds, same_but_fd(sent, got) ? "same" : "changed");
    close(fd);
}

/// `mask` is the word for sent.heap_id_mask in the row.
static void alloc_case(const char* name, const char* mask, struct allocation sent) {
    struct allocation got = sent;
    const int before = open_fds();
    const int lowest = lowest_free_fd();
    const struct outcome outcome = CALL(ion_ioctl(device.fd, ALLOC, &got));
    const int new_fds = open_fds() - before;
    const char* inputs = text("len=0x%llx mask=%s flags=0x%x fd=0x%x unused=0x%x",
                              (unsigned long long)sent.len, mask, sent.flags, sent.fd, sent.unused);
    if (outcome.error == 0) {
        report_buffer(name, inputs, &sent, &got, lowest, new_fds);
    } else {
        report(name, inputs, outcome, "arg=%s new_fds=%d",
               same_but_fd(&sent, &got) && sent.fd == got.fd ? "unchanged" : "changed", new_fds);
    }
}
#define ALLOC_CASE(name, mask, ...) alloc_case(name, mask, (struct allocation){__VA_ARGS__})

static const uint64_t three_gib = 3ull << 30;

static bool three_gib_are_too_much(void) {
    return half_of_memory() < three_gib;
}
static const char* const large_machine = "3 GiB are less than half of this machine's memory";

static void lengths_and_flags(const struct role* role) {
    static const uint64_t possible[] = {1,       24,      4095,           4096,    4097,     8192,
                                        12345,   65535,   65536,          65537,   69632,    MIB,
                                        MIB + 1, 4 * MIB, 4 * MIB + PAGE, 8 * MIB, 16 * MIB, 65 * MIB};
    static const uint64_t impossible[] = {0,
                                          3ull << 30,
                                          1ull << 40,
                                          1ull << 44,
                                          1ull << 46,
                                          1ull << 62,
                                          0x7ffffffffffff000,
                                          0x8000000000000000,
                                          0xffffffff00000000,
                                          0xffffffffffffe000,
                                          0xffffffffffffefff,
                                          0xfffffffffffff000,
                                          0xfffffffffffff001,
                                          ~0ull};
    static const uint32_t flags[] = {1, 2, 3, 4, 0x8000, 0x10000, 0x80000000, 0xffffffff};
    const uint32_t mask = mask_of(role);
    for (size_t i = 0; i < sizeof possible / sizeof possible[0]; ++i) {
        ALLOC_CASE(text("%s.len_%llu", role->name, (unsigned long long)possible[i]), role->name,
                   .len = possible[i], .heap_id_mask = mask);
    }
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; ++i) {
        const char* name = text("%s.len_0x%llx", role->name, (unsigned long long)impossible[i]);
        if (impossible[i] == three_gib && role == &roles[SYSTEM] && !three_gib_are_too_much()) {
            skip(name, large_machine);
            continue;
        }
        ALLOC_CASE(name, role->name, .len = impossible[i], .heap_id_mask = mask, .fd = untouched);
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; ++i) {
        ALLOC_CASE(text("%s.flags_0x%x", role->name, flags[i]), role->name, .len = 64 * KIB,
                   .heap_id_mask = mask, .flags = flags[i]);
    }
}

static void masks(void) {
    const uint32_t system = system_mask();
    const uint32_t unknown = ~device.ids;
    const char* no_heap = "every id with no heap";
    const char* all = "0xffffffff";
    ALLOC_CASE("mask_0", "0", .len = PAGE, .fd = untouched);
    ALLOC_CASE("mask_unknown_all", no_heap, .len = PAGE, .heap_id_mask = unknown, .fd = untouched);
    ALLOC_CASE("mask_bit31", "1<<31", .len = PAGE, .heap_id_mask = unknown & 0x80000000, .fd = untouched);
    ALLOC_CASE("mask_system_plus_unknown", "system|unknown", .len = PAGE, .heap_id_mask = system | unknown);
    ALLOC_CASE("mask_all", all, .len = PAGE, .heap_id_mask = ~0u);
    ALLOC_CASE("mask_all_65M", all, .len = 65 * MIB, .heap_id_mask = ~0u);
    ALLOC_CASE("mask_all_len0", all, .heap_id_mask = ~0u, .fd = untouched);
    if (three_gib_are_too_much()) {
        ALLOC_CASE("mask_all_3G", all, .len = three_gib, .heap_id_mask = ~0u, .fd = untouched);
    } else {
        skip("mask_all_3G", large_machine);
    }
    ALLOC_CASE("mask_0_len0", "0", .fd = untouched);
    ALLOC_CASE("mask_0_len_max", "0", .len = ~0ull, .fd = untouched);
    ALLOC_CASE("mask_0_len_huge", "0", .len = 1ull << 62, .fd = untouched);
    ALLOC_CASE("mask_unknown_flags_all", no_heap, .len = PAGE, .heap_id_mask = unknown, .flags = ~0u,
               .fd = untouched, .unused = ~0u);
    ALLOC_CASE("unused_1", "system", .len = PAGE, .heap_id_mask = system, .unused = 1);
    ALLOC_CASE("unused_max", "system", .len = PAGE, .heap_id_mask = system, .unused = ~0u);
    ALLOC_CASE("unused_max_len0", "system", .heap_id_mask = system, .fd = untouched, .unused = ~0u);
    ALLOC_CASE("fd_in_minus1", "system", .len = PAGE, .heap_id_mask = system, .fd = ~0u);
    ALLOC_CASE("fd_in_0", "system", .len = PAGE, .heap_id_mask = system);
    ALLOC_CASE("fd_in_12345", "system", .len = PAGE, .heap_id_mask = system, .fd = 12345);
}

static void descriptor_numbers(void) {
    const uint32_t mask = system_mask();
    const int first = need_buffer(PAGE, mask, UNCACHED);
    const int second = need_buffer(PAGE, mask, UNCACHED);
    const int third = need_buffer(PAGE, mask, UNCACHED);
    close(second);
    const int fourth = need_buffer(PAGE, mask, UNCACHED);
    observe("fd_reuses_gap", "alloc a,b,c; close b; alloc", "gets_b_again=%s", yes(fourth == second));
    close(first);
    close(third);
    close(fourth);

    const int input = dup(STDIN_FILENO);
    close(STDIN_FILENO);
    const int zero = need_buffer(PAGE, mask, UNCACHED);
    observe("fd_0", "close(0), then alloc", "fd=%d", zero);
    close(zero);
    dup2(input, STDIN_FILENO);
    close(input);
}

/// New buffers are zero, also when their memory was used before.
static void zeroed(const struct role* role) {
    static const size_t sizes[] = {4096, 65536, MIB, 69632};
    int dirty = 0;
    for (int i = 0; i < 40 && dirty >= 0; ++i) {
        const size_t size = sizes[i % 4];
        const int fd = need_buffer(size, mask_of(role), i % 2 == 0 ? UNCACHED : CACHED);
        unsigned char* bytes = map_shared(fd, size);
        if (bytes == MAP_FAILED) {
            dirty = -1;
        } else {
            dirty += !all_zero(bytes, size);
            memset(bytes, 0xee, size);
            munmap(bytes, size);
        }
        close(fd);
    }
    observe(text("%s.zeroed", role->name), "40 x alloc, check, dirty, free", "buffers_not_zero=%d", dirty);
}

void group_alloc(const struct role* role) {
    (void)role;
    set_prefix("alloc");
    for (int i = 0; i < ROLES; ++i) {
        if (roles[i].id >= 0) {
            lengths_and_flags(&roles[i]);
        }
    }
    masks();
    descriptor_numbers();
    for (int i = 0; i < ROLES; ++i) {
        if (roles[i].id >= 0) {
            zeroed(&roles[i]);
        }
    }
}
