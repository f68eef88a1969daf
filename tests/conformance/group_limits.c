// SPDX-License-Identifier: Apache-2.0
//
// Limits: of resources, where a device's memory does not count as the caller's, and of a buffer's size.

#define _GNU_SOURCE
#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "processes.h"
#include "report.h"
#include "work.h"

static bool limit(int resource, rlim_t value) {
    const struct rlimit both = {value, value};
    return setrlimit((__rlimit_resource_t)resource, &both) == 0;
}

static int allocate_without_numbers(void* nothing) {
    (void)nothing;
    if (!limit(RLIMIT_NOFILE, (rlim_t)lowest_free_fd())) {
        return 100;
    }
    return allocate(PAGE, system_mask(), UNCACHED) < 0 ? errno : 0;
}

static int allocate_without_file_size(void* nothing) {
    return limit(RLIMIT_FSIZE, 0) ? allocate_and_fill(nothing) : 100;
}

static int allocate_beyond_address_space(void* nothing) {
    (void)nothing;
    if (!limit(RLIMIT_AS, 32 * MIB)) {
        return 100;
    }
    return allocate(48 * MIB, system_mask(), UNCACHED) < 0 ? errno : 0;
}

static int allocate_without_data(void* nothing) {
    return limit(RLIMIT_DATA, 0) ? allocate_and_fill(nothing) : 100;
}

static int allocate_without_locked_memory(void* nothing) {
    return limit(RLIMIT_MEMLOCK, 0) ? allocate_as_nobody(nothing) : 100;
}

/// A control group of the second version with a limit of 32 MiB; "" when this machine cannot have one.
static const char* make_small_group(void) {
    static char group[256];
    const struct mntent* mount = NULL;
    FILE* mounts = setmntent("/proc/self/mounts", "r");
    while (mounts != NULL && (mount = getmntent(mounts)) != NULL && strcmp(mount->mnt_type, "cgroup2") != 0) {
    }
    group[0] = '\0';
    if (mount != NULL && write_text(text("%s/cgroup.subtree_control", mount->mnt_dir), "+memory")) {
        snprintf(group, sizeof group, "%s/ion-conformance", mount->mnt_dir);
        if ((mkdir(group, 0755) != 0 && errno != EEXIST) ||
            !write_text(text("%s/memory.max", group), text("%d", 32 * MIB))) {
            rmdir(group);
            group[0] = '\0';
        }
    }
    if (mounts != NULL) {
        endmntent(mounts);
    }
    return group;
}

static int fill_in_small_group(void* group) {
    enum { SIZE = 64 * MIB, MAY_BE_CHARGED = 16 * MIB };
    if (!write_text(text("%s/cgroup.procs", (const char*)group), text("%d", getpid()))) {
        return 100;
    }
    const int fd = allocate(SIZE, system_mask(), CACHED);
    if (fd < 0) {
        return errno;
    }
    unsigned char* bytes = map_shared(fd, SIZE);
    if (bytes == MAP_FAILED) {
        return 102;
    }
    memset(bytes, 1, SIZE);
    char charged[64];
    if (!read_text(text("%s/memory.current", (const char*)group), charged, sizeof charged)) {
        return 103;
    }
    return strtoull(charged, NULL, 10) < MAY_BE_CHARGED ? 0 : 104;
}

static void memory_group(void) {
    const char* group = make_small_group();
    if (group[0] == '\0') {
        skip("memcg_32M", "no cgroup2 mount with a memory controller");
        return;
    }
    row("memcg_32M",
        "memory.max=32 MiB; alloc 64 MiB, mmap, fill; 0 = worked and memory.current stayed under 16 MiB",
        in_child(fill_in_small_group, (void*)group), 0, "%s", "");
    rmdir(group);
}

static void many_buffers(void) {
    enum { WANTED = 2000 };
    int fds[WANTED];
    int allocated = 0;
    limit(RLIMIT_NOFILE, 4096);
    while (allocated < WANTED && (fds[allocated] = allocate(PAGE, system_mask(), UNCACHED)) >= 0) {
        ++allocated;
    }
    observe("2000_live_buffers", "2000 x 4 KiB", "allocated=%d", allocated);
    while (allocated > 0) {
        close(fds[--allocated]);
    }
}

void group_limits(const struct role* role) {
    (void)role;
    set_prefix("limit");
    const int before = open_fds();
    static const struct {
        const char *name, *inputs;
        int (*work)(void*);
    } cases[] = {
        {"fsize_0", "RLIMIT_FSIZE=0, alloc 64 KiB, mmap, fill", allocate_without_file_size},
        {"as_32M", "RLIMIT_AS=32 MiB, alloc 48 MiB, no mmap", allocate_beyond_address_space},
        {"data_0", "RLIMIT_DATA=0, alloc 64 KiB, mmap, fill", allocate_without_data},
        {"memlock_0", "RLIMIT_MEMLOCK=0 as uid 65534", allocate_without_locked_memory},
    };
    report_child("nofile_full", "RLIMIT_NOFILE reached", in_child(allocate_without_numbers, NULL), "");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        row(cases[i].name, cases[i].inputs, in_child(cases[i].work, NULL), 0, "%s", "");
    }
    memory_group();
    many_buffers();
    observe("no_leak", "fds before and after this group", "difference=%d", open_fds() - before);
}

void group_half(const struct role* role) {
    (void)role;
    set_prefix("limit.system");
    const uint64_t half = half_of_memory();
    const struct {
        const char* name;
        uint64_t length;
    } cases[] = {{"half_of_ram", half},
                 {"half_of_ram_plus_1_byte", half + 1},
                 {"half_of_ram_plus_1_page", half + PAGE}};
    for (int i = 0; i < 3; ++i) {
        const struct outcome got = CALL(allocate(cases[i].length, system_mask(), UNCACHED));
        report_as(cases[i].name, "len from sysinfo totalram", got, "0", "%s", "");
        if (got.error == 0) {
            close((int)got.value);
        }
    }
}
