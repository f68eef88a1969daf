// SPDX-License-Identifier: Apache-2.0
//
// Which heap serves a mask with several bits, by the counters that each heap has in the usage directory, and what they
// say when the owner of a buffer is killed.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "processes.h"
#include "report.h"

/// One counter of a role's heap; -1 when there is no such file.
static long long counter(const struct role* role, const char* name) {
    const char* heap = "";
    for (uint32_t i = 0; i < device.heap_count; ++i) {
        if (role->id >= 0 && device.heaps[i].heap_id == (uint32_t)role->id) {
            heap = device.heaps[i].name;
        }
    }
    char content[64];
    if (!read_text(text("%s/%s/%s", device.usage, heap, name), content, sizeof content)) {
        return -1;
    }
    return atoll(content);
}

static long long bytes_in(const struct role* role) {
    return counter(role, "num_of_alloc_bytes");
}

/// Freed memory counts until it has been zeroed. Nothing tells when, so this looks again, for twenty seconds.
static void settle(void) {
    for (int looks = 0; looks < 2000; ++looks) {
        if (bytes_in(&roles[SYSTEM]) <= 0 && bytes_in(&roles[CONTIG]) <= 0 && bytes_in(&roles[DMA]) <= 0) {
            return;
        }
        poll(NULL, 0, 10);
    }
}

static bool has_counters(void) {
    return counter(&roles[SYSTEM], "num_of_buffers") >= 0;
}

static void alloc_case(const char* name, uint64_t length, uint32_t mask, const char* mask_name) {
    if (!has_counters()) {
        skip(name, text("no counters in %s", device.usage));
        return;
    }
    long long grown[ROLES];
    settle();
    for (int i = 0; i < ROLES; ++i) {
        grown[i] = -bytes_in(&roles[i]);
    }
    const struct outcome got = CALL(allocate(length, mask, UNCACHED));
    for (int i = 0; i < ROLES; ++i) {
        grown[i] += bytes_in(&roles[i]);
    }
    report_as(name, text("len=%llu mask=%s", (unsigned long long)length, mask_name), got, "0",
              "system=%+lld contig=%+lld dma=%+lld", grown[SYSTEM], grown[CONTIG], grown[DMA]);
    if (got.error == 0) {
        close((int)got.value);
    }
}

static void hold_until_killed(int ready) {
    enum { SIZE = 8 * MIB };
    const int fd = allocate(SIZE, mask_of(&roles[SYSTEM]), UNCACHED);
    if (map_shared(fd, SIZE) != MAP_FAILED && write(ready, "x", 1) == 1) {
        pause();
    }
    _exit(1);
}

static void owner_killed(void) {
    if (!has_counters()) {
        skip("owner_killed", text("no counters in %s", device.usage));
        return;
    }
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return;  // the row is missed
    }
    settle();
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        hold_until_killed(ends[1]);
    }
    close(ends[1]);
    char ready = 0;
    const bool holds = read(ends[0], &ready, 1) == 1;
    const long long held = holds ? bytes_in(&roles[SYSTEM]) : -1;
    kill(child, SIGKILL);
    wait_for(child);
    settle();
    observe("owner_killed", "8 MiB, mapped, owner gets SIGKILL", "held=%lld after=%lld", held,
            bytes_in(&roles[SYSTEM]));
}

void group_prio(const struct role* role) {
    (void)role;
    const uint32_t system = mask_of(&roles[SYSTEM]);
    const uint32_t contig = mask_of(&roles[CONTIG]);
    const uint32_t dma = mask_of(&roles[DMA]);
    set_prefix("prio");
    alloc_case("all", 64 * KIB, ~0u, "all");
    alloc_case("system_contig", 64 * KIB, system | contig, "system|contig");
    alloc_case("contig_dma", 64 * KIB, contig | dma, "contig|dma");
    alloc_case("system_dma", 64 * KIB, system | dma, "system|dma");
    alloc_case("system", 12345, system, "system");
    alloc_case("contig_12345", 12345, contig, "contig");
    alloc_case("all_8M", 8 * MIB, ~0u, "all");
    alloc_case("all_65M", 65 * MIB, ~0u, "all");
    alloc_case("system_contig_8M", 8 * MIB, system | contig, "system|contig");
    alloc_case("contig_dma_65M", 65 * MIB, contig | dma, "contig|dma");
    owner_killed();
}
