/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of <ion/ion.h> and the layouts and numbers of the headers beside it, as programs have them compiled in.
 * Compiled for 64 and for 32 bits, as C and as C++; there is nothing to run.
 */

#include <ion/ion.h>
#include <linux/ion_4.12.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define SAME(condition, text) static_assert(condition, text)
#else
#define SAME(condition, text) _Static_assert(condition, text)
#endif
#define COMMAND(command, value32, value64) \
    SAME((command) == (UINTPTR_MAX == UINT32_MAX ? (value32) : (value64)), #command)

COMMAND(ION_IOC_ALLOC, 0xC0144900, 0xC0204900);
COMMAND(ION_IOC_FREE, 0xC0044901, 0xC0044901);
COMMAND(ION_IOC_MAP, 0xC0084902, 0xC0084902);
COMMAND(ION_IOC_SHARE, 0xC0084904, 0xC0084904);
COMMAND(ION_IOC_IMPORT, 0xC0084905, 0xC0084905);
COMMAND(ION_IOC_CUSTOM, 0xC0084906, 0xC0104906);
COMMAND(ION_IOC_SYNC, 0xC0084907, 0xC0084907);
COMMAND(ION_IOC_NEW_ALLOC, 0xC0184900, 0xC0184900);
COMMAND(ION_IOC_HEAP_QUERY, 0xC0184908, 0xC0184908);
COMMAND(ION_IOC_ABI_VERSION, 0x80044909, 0x80044909);
SAME(offsetof(struct ion_allocation_data, handle) == 2 * sizeof(size_t) + 8, "ALLOC");
SAME(offsetof(struct ion_allocation_data, flags) == 2 * sizeof(size_t) + 4, "ALLOC");
SAME(offsetof(struct ion_fd_data, fd) == 4, "SHARE");
SAME(offsetof(struct ion_new_allocation_data, fd) == 16, "ALLOC");
SAME(offsetof(struct ion_heap_query, heaps) == 8, "HEAP_QUERY");
SAME(sizeof(struct ion_heap_data) == 52 && offsetof(struct ion_heap_data, heap_id) == 36, "HEAP_QUERY");
SAME(ION_HEAP_TYPE_DMA == 4 && ION_HEAP_TYPE_CUSTOM == 5 && ION_NUM_HEAP_IDS == 32, "heaps");
SAME(ION_FLAG_CACHED == 1 && ION_FLAG_CACHED_NEEDS_SYNC == 2, "flags");

/* A declaration that differs from the header's is an error. */
#ifdef __cplusplus
extern "C" {
#endif
int ion_open(void);
int ion_close(int);
int ion_alloc(int, size_t, size_t, unsigned int, unsigned int, int*);
int ion_alloc_fd(int, size_t, size_t, unsigned int, unsigned int, int*);
int ion_sync_fd(int, int);
int ion_free(int, int);
int ion_map(int, int, size_t, int, int, off_t, unsigned char**, int*);
int ion_share(int, int, int*);
int ion_import(int, int, int*);
int ion_query_heap_cnt(int, int*);
int ion_query_get_heaps(int, int, void*);
int ion_is_legacy(int);
int ion_is_using_modular_heaps(int);
#ifdef __cplusplus
}
#endif
