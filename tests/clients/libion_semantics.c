// SPDX-License-Identifier: Apache-2.0
//
// A program written for Android's libion, line by line: it knows <ion/ion.h>, <linux/ion.h> and <linux/ion_4.12.h>
// and the library, nothing else. "NAME RESULT [OUTPUTS]" with RESULT "ok" or an errno.
//
//   libion_semantics            the device is ion_open()'s
//
// It ends without freeing what it has.

#define _GNU_SOURCE
#include <errno.h>
#include <ion/ion.h>
#include <linux/ion_4.12.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    SIZE = 5 * PAGE,
    SYSTEM = 1 << 0,
    CARVEOUT = 1 << 2,
    NO_HEAP = 1 << 20,
    UNTOUCHED = 0x5a5a
};

static int device;

/// Prints the line of a case; `result` as the library returns it. Returns `result`.
static int line(const char* name, int result) {
    printf("%s %s\n", name, result == 0 ? "ok" : result < 0 ? strerrorname_np(-result) : "positive");
    return result;
}

static void figure(const char* name, int value) {
    printf("%s %d\n", name, value);
}

/// The bytes of a new mapping are 0; they hold what is written.
static int usable(unsigned char* bytes, size_t size) {
    unsigned char any = 0;
    for (size_t i = 0; i < size; ++i) {
        any |= bytes[i];
        bytes[i] = (unsigned char)(i % 251);
    }
    for (size_t i = 0; i < size; ++i) {
        any |= (unsigned char)(bytes[i] ^ i % 251);
    }
    return any == 0;
}

static void heaps(void) {
    int count = 0;
    line("query_count", ion_query_heap_cnt(device, &count));
    struct ion_heap_data all[32];
    line("query_heaps", ion_query_get_heaps(device, count, all));
    for (int i = 0; i < count; ++i) {
        int fd = -1;
        const int result = ion_alloc_fd(device, SIZE, 0, 1u << all[i].heap_id, 0, &fd);
        unsigned char* bytes = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        printf("heap %s id=%u alloc_fd=%d usable=%d\n", all[i].name, all[i].heap_id, result,
               bytes != MAP_FAILED && usable(bytes, SIZE));
        munmap(bytes, SIZE);
        ion_close(fd);
    }
    line("query_count_null", ion_query_heap_cnt(device, NULL));
    line("query_no_room", ion_query_get_heaps(device, 0, all));
    line("query_bad_array", ion_query_get_heaps(device, count, (void*)8));
}

static void any_driver(void) {
    int fd = UNTOUCHED;
    line("alloc_fd", ion_alloc_fd(device, PAGE, PAGE, SYSTEM, ION_FLAG_CACHED, &fd));
    line("alloc_fd_null", ion_alloc_fd(device, PAGE, 0, SYSTEM, 0, NULL));
    int none = UNTOUCHED;
    line("alloc_fd_empty", ion_alloc_fd(device, 0, 0, SYSTEM, 0, &none));
    line("alloc_fd_too_much", ion_alloc_fd(device, (size_t)1 << 31, 0, CARVEOUT, 0, &none));
    line("alloc_fd_no_heap", ion_alloc_fd(device, PAGE, 0, NO_HEAP, 0, &none));
    line("alloc_fd_bad_device", ion_alloc_fd(-1, PAGE, 0, SYSTEM, 0, &none));
    figure("untouched", none == UNTOUCHED);
    line("sync_fd", ion_sync_fd(device, fd));
    line("free_0", ion_free(device, 0));
    ion_user_handle_t handle = UNTOUCHED;
    line("import", ion_import(device, fd, &handle));
    if (handle != UNTOUCHED) {
        line("import_free", ion_free(device, handle));
    }
    line("close", ion_close(fd));
    line("close_again", ion_close(fd));
}

static void by_handle(void) {
    ion_user_handle_t handle = UNTOUCHED;
    if (line("alloc", ion_alloc(device, SIZE, 0, SYSTEM, 0, &handle)) != 0) {
        return;
    }
    line("alloc_null", ion_alloc(device, SIZE, 0, SYSTEM, 0, NULL));
    line("alloc_odd_alignment", ion_alloc(device, SIZE, (size_t)-1, SYSTEM, 0, &handle));
    unsigned char* bytes = NULL;
    int map_fd = UNTOUCHED;
    int share_fd = UNTOUCHED;
    line("map", ion_map(device, handle, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, 0, &bytes, &map_fd));
    figure("map_usable", bytes != NULL && usable(bytes, SIZE));
    line("share", ion_share(device, handle, &share_fd));
    figure("share_is_another", share_fd != map_fd);
    ion_user_handle_t imported = 0;
    line("import_own", ion_import(device, share_fd, &imported));
    figure("import_same_handle", imported == handle);
    line("free_imported", ion_free(device, imported));
    line("sync_shared", ion_sync_fd(device, share_fd));
    line("map_null_pointer", ion_map(device, handle, SIZE, PROT_READ, MAP_SHARED, 0, NULL, &map_fd));
    line("map_null_fd", ion_map(device, handle, SIZE, PROT_READ, MAP_SHARED, 0, &bytes, NULL));
    line("map_too_long", ion_map(device, handle, 0, PROT_READ, MAP_SHARED, 0, &bytes, &map_fd));
    line("share_null", ion_share(device, handle, NULL));
    line("share_0", ion_share(device, 0, &share_fd));
    line("share_negative", ion_share(device, -1, &share_fd));
    line("import_null", ion_import(device, share_fd, NULL));
    line("import_closed", ion_import(device, 999, &imported));
    line("import_not_ours", ion_import(device, STDOUT_FILENO, &imported));
    line("free_negative", ion_free(device, -1));
    line("free", ion_free(device, handle));
    line("freed_free", ion_free(device, handle));
    line("freed_share", ion_share(device, handle, &share_fd));
    line("freed_map", ion_map(device, handle, SIZE, PROT_READ, MAP_SHARED, 0, &bytes, &map_fd));
    figure("freed_is_still_mapped", bytes[SIZE - 1] == (SIZE - 1) % 251);
}

/// Closed behind the library's back, the number may become another device, or none at all.
static void numbers_used_again(void) {
    int fd = -1;
    const int again = dup(device);
    close(device);
    line("alloc_fd_after_close", ion_alloc_fd(device, PAGE, 0, SYSTEM, 0, &fd));
    device = dup2(again, device);
    close(again);
    line("alloc_fd_reopened", ion_alloc_fd(device, PAGE, 0, SYSTEM, 0, &fd));
}

int main(void) {
    device = ion_open();
    if (device < 0) {
        perror("ion_open");
        return 1;
    }
    figure("is_legacy", ion_is_legacy(device));
    figure("modular_heaps", ion_is_using_modular_heaps(device));
    heaps();
    any_driver();
    by_handle();
    figure("is_still_legacy", ion_is_legacy(device));
    numbers_used_again();
    line("close_device", ion_close(device));
    line("close_device_again", ion_close(device));
    device = ion_open();
    for (int i = 0; i < 3; ++i) {
        ion_alloc_fd(device, SIZE, 0, SYSTEM, 0, &(int){0});
        ion_alloc(device, SIZE, 0, SYSTEM, 0, &(ion_user_handle_t){0});
    }
    return 0;
}
