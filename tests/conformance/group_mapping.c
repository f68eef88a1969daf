// SPDX-License-Identifier: Apache-2.0
//
// What a mapping of a buffer can do: protections changed, advice, the kernel's own accesses, moving and cutting it.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "report.h"

enum { RW = PROT_READ | PROT_WRITE, SIZE = 4 * PAGE };

/// Mappings of one buffer of four pages.
struct views {
    unsigned char* all;        ///< read and write
    unsigned char* second;     ///< the same once more; made executable
    unsigned char* last_page;  ///< its fourth page alone
    unsigned char* readable;   ///< PROT_READ
};

/// The lines of smaps about the mapping that begins at `start`: permissions, name, size in memory, flags.
static const char* smaps_of(const void* start) {
    static char result[1024];
    char line[512];
    bool inside = false;
    FILE* file = fopen("/proc/self/smaps", "re");
    result[0] = '\0';
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        unsigned long first = 0;
        unsigned long end = 0;
        unsigned long offset = 0;
        char permissions[8];
        int path = 0;
        line[strcspn(line, "\n")] = '\0';
        if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %n", &first, &end, permissions, &offset, &path) == 4) {
            inside = first == (uintptr_t)start;
            if (inside) {
                snprintf(result, sizeof result, "perms=%s offset=0x%lx path=%s", permissions, offset,
                         line + path);
            }
            continue;
        }
        char* value = strchr(line, ':');
        if (!inside || value == NULL) {
            continue;
        }
        *value++ = '\0';
        if (strcmp(line, "Rss") == 0 || strcmp(line, "Pss") == 0 || strcmp(line, "VmFlags") == 0) {
            value += strspn(value, " ");
            for (size_t length = strlen(value); length > 0 && value[length - 1] == ' ';) {
                value[--length] = '\0';
            }
            const size_t used = strlen(result);
            snprintf(result + used, sizeof result - used, " %s=[%s]", line, value);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return result;
}

static void views_agree(struct views view) {
    for (unsigned i = 0; i < SIZE; ++i) {
        view.all[i] = (unsigned char)(i * 31 + (i >> 8));
    }
    const bool same = memcmp(view.all, view.second, SIZE) == 0 &&
                      memcmp(view.all, view.readable, SIZE) == 0 &&
                      memcmp(view.all + 3 * PAGE, view.last_page, PAGE) == 0;
    observe("two_mappings_agree", "write in one, read in three others", "same=%s", yes(same));
}

static void change_protection(struct views view) {
    unsigned char* page = view.readable;
    observe("touch_readonly", "write to a PROT_READ mapping", "%s", touch(page, 'w'));
    TRY("mprotect_r_to_rw", "PROT_READ mapping -> RW", mprotect(page, SIZE, RW));
    observe("touch_after_mprotect", "write", "%s", touch(page, 'w'));
    TRY("mprotect_none", "PROT_NONE", mprotect(page, PAGE, PROT_NONE));
    observe("touch_after_none", "read", "%s", touch(page, 'r'));
    TRY("mprotect_rw_part", "first page back to RW", mprotect(page, PAGE, RW));
    observe("data_after_mprotect", NULL, "same_as_other_mapping=%s", yes(memcmp(page, view.all, SIZE) == 0));
    TRY("mprotect_exec", "RWX", mprotect(view.second, SIZE, RW | PROT_EXEC));
    enum { RET = 0xc3 };  // x86
    view.second[PAGE] = RET;
    observe("execute", "call a ret instruction in the buffer", "%s", touch(view.second + PAGE, 'x'));
    observe("smaps_shared_rw", "all 4 pages touched", "%s", smaps_of(view.all));
}

static void copy_on_write(const struct role* role) {
    const int fd = need_buffer(PAGE, mask_of(role), UNCACHED);
    unsigned char* shared = map_shared(fd, PAGE);
    const struct outcome mapped = CALL(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
    if (mapped.error != 0) {
        report("private_cow", NULL, mapped, "mmap failed");
        return;
    }
    volatile unsigned char* private = (unsigned char*)mapped.value;
    shared[0] = 11;
    const bool first_seen = private[0] == 11;
    private[1] = 22;
    shared[0] = 33;
    observe("private_cow", "shared write, private write, shared write",
            "private_sees_first=%s private_write_seen_by_shared=%s private_sees_second=%s", yes(first_seen),
            yes(shared[1] == 22), yes(private[0] == 33));
}

#define ADVICE(name) \
    { #name, MADV_##name }
static void advise(unsigned char* cached) {
    static const struct {
        const char* name;
        int advice;
    } cases[] = {ADVICE(NORMAL),      ADVICE(RANDOM),     ADVICE(SEQUENTIAL), ADVICE(WILLNEED),
                 ADVICE(DONTNEED),    ADVICE(FREE),       ADVICE(REMOVE),     ADVICE(MERGEABLE),
                 ADVICE(UNMERGEABLE), ADVICE(HUGEPAGE),   ADVICE(NOHUGEPAGE), ADVICE(DONTDUMP),
                 ADVICE(DODUMP),      ADVICE(WIPEONFORK), ADVICE(COLD),       ADVICE(PAGEOUT),
                 ADVICE(DONTFORK),    ADVICE(DOFORK)};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        const struct outcome outcome = CALL(madvise(cached, SIZE, cases[i].advice));
        report(text("madvise(%s)", cases[i].name), NULL, outcome, "data_kept=%s",
               yes(cached[0] == 1 && cached[SIZE - 1] == 1));
    }
}

static void lock_and_sync(unsigned char* all) {
    TRY("mlock", NULL, mlock(all, SIZE));
    TRY("mlock2_onfault", NULL, mlock2(all, SIZE, MLOCK_ONFAULT));
    TRY("munlock", NULL, munlock(all, SIZE));
    unsigned char in_core[4] = {9, 9, 9, 9};
    const struct outcome asked = CALL(mincore(all, SIZE, in_core));
    report("mincore", "all touched", asked, "vec=%d%d%d%d", in_core[0] & 1, in_core[1] & 1, in_core[2] & 1,
           in_core[3] & 1);
    TRY("msync_sync", "MS_SYNC", msync(all, SIZE, MS_SYNC));
    TRY("msync_async", "MS_ASYNC", msync(all, SIZE, MS_ASYNC));
    TRY("msync_invalidate", "MS_INVALIDATE", msync(all, SIZE, MS_INVALIDATE));
}

static long futex(void* word, int operation, uint32_t value) {
    const struct timespec millisecond = {0, 1000000};
    return syscall(SYS_futex, word, operation, value, &millisecond, NULL, 0);
}

/// Calls that have the kernel read or write the memory, by its address or by its pages.
static void kernel_accesses(struct views view) {
    unsigned char bytes[64];
    unsigned char* all = view.all;
    const struct iovec here = {bytes, 16};
    const struct iovec there = {all, 16};
    TRY("process_vm_readv", "self, 16 bytes", process_vm_readv(getpid(), &here, 1, &there, 1, 0));
    TRY("process_vm_writev", "self, 16 bytes", process_vm_writev(getpid(), &here, 1, &there, 1, 0));
    const int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    TRY("proc_mem_read", "16 bytes", pread(memory, bytes, 16, (off_t)all));
    TRY("proc_mem_write", "16 bytes", pwrite(memory, bytes, 16, (off_t)all));
    close(memory);
    *(uint32_t*)all = 7;
    TRY("futex_wake_shared", "FUTEX_WAKE", futex(all, FUTEX_WAKE, 1));
    TRY("futex_wake_private", "FUTEX_WAKE|PRIVATE", futex(all, FUTEX_WAKE_PRIVATE, 1));
    TRY("futex_wait_shared", "FUTEX_WAIT val matches, 1 ms", futex(all, FUTEX_WAIT, 7));
    TRY("futex_wait_private", "FUTEX_WAIT|PRIVATE val matches, 1 ms", futex(all, FUTEX_WAIT_PRIVATE, 7));

    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return;  // the rows are missed
    }
    TRY("write_pipe_from_mapping", "64 bytes", write(ends[1], all, 64));
    TRY("read_pipe_into_mapping", "64 bytes", read(ends[0], view.second, 64));
    const struct iovec page = {all, PAGE};
    TRY("vmsplice", "1 page", vmsplice(ends[1], &page, 1, 0));
    close(ends[0]);
    close(ends[1]);
    const int file = memfd_create("file", MFD_CLOEXEC);
    TRY("write_memfd_from_mapping", "16384 bytes", write(file, all, SIZE));
    TRY("pread_memfd_into_mapping", "16384 bytes", pread(file, view.second, SIZE, 0));
    close(file);
}

static void move_and_cut(struct views view) {
    struct outcome moved = CALL(mremap(view.last_page, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    report_as("mremap_grow", "1 page -> 2", moved, "addr", "%s", "");
    moved = CALL(mremap(view.second, SIZE, 2 * PAGE, 0));
    const char* cut = touch(view.second + 2 * PAGE, 'r');
    report_as("mremap_shrink", "4 pages -> 2", moved, "addr", "cut_page=%s kept_page=%s", cut,
              touch(view.second, 'r'));
    char* target = pages(4, PROT_READ);
    moved = CALL(mremap(view.second, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target));
    report_as("mremap_move", "2 pages to a fixed address", moved, "addr", "data_same=%s",
              yes(moved.error == 0 && memcmp(target, view.all, 2 * PAGE) == 0));
    moved = CALL(mremap(view.all, 0, SIZE, MREMAP_MAYMOVE));
    report_as("mremap_duplicate", "old_size=0", moved, "addr", "%s", "");
    moved = CALL(mremap(view.all, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
    report_as("mremap_dontunmap", "MREMAP_DONTUNMAP", moved, "addr", "%s", "");
    TRY("munmap_middle", "pages 1..2 of 4", munmap(view.all + PAGE, 2 * PAGE));
    const char* first = touch(view.all, 'r');
    const char* second = touch(view.all + PAGE, 'r');
    observe("munmap_middle.touch", NULL, "page0=%s page1=%s page3=%s", first, second,
            touch(view.all + 3 * PAGE, 'r'));
}

static bool all_bytes(const unsigned char* bytes, unsigned char value) {
    for (unsigned i = 0; i < SIZE; ++i) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

/// A mapping keeps the buffer alive, and its memory from others.
static void outlive_descriptor(const struct role* role, int fd) {
    const int closed = need_buffer(SIZE, mask_of(role), UNCACHED);
    unsigned char* kept = map_shared(closed, SIZE);
    memset(kept, 0x77, SIZE);
    close(closed);
    unsigned char* other = map_shared(need_buffer(SIZE, mask_of(role), UNCACHED), SIZE);
    memset(other, 0x11, SIZE);
    const bool same = all_bytes(kept, 0x77);
    observe("survives_close", "mmap, close, another buffer allocated and written", "data_kept=%s write=%s",
            yes(same), touch(kept, 'w'));
    TRY("munmap", NULL, munmap(kept, SIZE));
    observe("touch_after_munmap", NULL, "%s", touch(kept, 'r'));
    void* untouchable = mmap(NULL, SIZE, PROT_NONE, MAP_SHARED, fd, 0);
    observe("touch_protnone", "read a PROT_NONE mapping", "%s", touch(untouchable, 'r'));
}

static void page_offsets(const struct role* role) {
    enum { BYTES = 3 * MIB, PAGES = BYTES / PAGE, WORDS = PAGE / sizeof(uint32_t) };
    const int fd = need_buffer(BYTES, mask_of(role), UNCACHED);
    uint32_t* words = map_shared(fd, BYTES);
    for (uint32_t i = 0; i < PAGES; ++i) {
        words[i * WORDS] = i + 1;
    }
    int wrong = 0;
    for (uint32_t i = 0; i < PAGES; i += 7) {
        uint32_t* page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, (off_t)i * PAGE);
        wrong += page == MAP_FAILED || *page != i + 1;
        if (page != MAP_FAILED) {
            munmap(page, PAGE);
        }
    }
    observe("page_offsets_3M", "tag every page, map every 7th alone", "wrong=%d", wrong);
}

void mapping_cases(const struct role* role) {
    const int fd = need_buffer(SIZE, mask_of(role), UNCACHED);
    const struct views view = {.all = map_shared(fd, SIZE),
                               .second = map_shared(fd, SIZE),
                               .last_page = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 3 * PAGE),
                               .readable = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0)};
    views_agree(view);
    change_protection(view);
    unsigned char* cached = map_shared(need_buffer(SIZE, mask_of(role), CACHED), SIZE);
    memset(cached, 1, SIZE);
    observe("smaps_cached", "ION_FLAG_CACHED", "%s", smaps_of(cached));
    copy_on_write(role);
    advise(cached);
    lock_and_sync(view.all);
    kernel_accesses(view);
    move_and_cut(view);
    outlive_descriptor(role, fd);
    page_offsets(role);
}
