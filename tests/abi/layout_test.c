/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command numbers of docs/abi.md, computed by the compiler from structs as programs of each generation
 * declare them: with size_t, long and pointers. Compiled for 64 and for 32 bits; there is nothing to run.
 */

#include <linux/ioctl.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/abi/uapi_extension.h"

#if UINTPTR_MAX == UINT32_MAX
#define BY_WIDTH(value32, value64) (value32)
#else
#define BY_WIDTH(value32, value64) (value64)
#endif

#define COMMAND(magic, number, type, value32, value64) \
    _Static_assert(_IOWR(magic, number, type) == BY_WIDTH(value32, value64), #type)
#define OFFSET(type, member, offset32, offset64) \
    _Static_assert(offsetof(type, member) == BY_WIDTH(offset32, offset64), #type "." #member)

/* Generation A: a handle is a pointer. */
struct a_handle;
typedef struct {
    size_t length, alignment;
    unsigned int flags;
    struct a_handle* handle;
} a1_alloc;
typedef struct {
    size_t length, alignment;
    unsigned int heap_mask, flags;
    struct a_handle* handle;
} a2_alloc;
typedef struct {
    struct a_handle* handle;
} a_free;
typedef struct {
    struct a_handle* handle;
    int fd;
} a_fd;
typedef struct {
    unsigned int command;
    unsigned long argument;
} custom;

COMMAND('I', 0, a1_alloc, 0xC0104900, 0xC0204900);
OFFSET(a1_alloc, flags, 8, 16);
OFFSET(a1_alloc, handle, 12, 24);
COMMAND('I', 0, a2_alloc, 0xC0144900, 0xC0204900);
OFFSET(a2_alloc, heap_mask, 8, 16);
OFFSET(a2_alloc, flags, 12, 20);
OFFSET(a2_alloc, handle, 16, 24);
COMMAND('I', 1, a_free, 0xC0044901, 0xC0084901);
COMMAND('I', 2, a_fd, 0xC0084902, 0xC0104902);
OFFSET(a_fd, fd, 4, 8);
COMMAND('I', 4, a_fd, 0xC0084904, 0xC0104904);
COMMAND('I', 5, int, 0xC0044905, 0xC0044905); /* A0, A1 */
COMMAND('I', 5, a_fd, 0xC0084905, 0xC0104905);
COMMAND('I', 6, custom, 0xC0084906, 0xC0104906);
OFFSET(custom, argument, 4, 8);
COMMAND('I', 7, a_fd, 0xC0084907, 0xC0104907);

/* Generation B: a handle is an int. */
typedef struct {
    size_t length, alignment;
    unsigned int heap_id_mask, flags;
    int handle;
} b_alloc;
typedef struct {
    int handle;
} b_free;
typedef struct {
    int handle, fd;
} b_fd;

COMMAND('I', 0, b_alloc, 0xC0144900, 0xC0204900);
OFFSET(b_alloc, heap_id_mask, 8, 16);
OFFSET(b_alloc, flags, 12, 20);
OFFSET(b_alloc, handle, 16, 24);
COMMAND('I', 1, b_free, 0xC0044901, 0xC0044901);
COMMAND('I', 2, b_fd, 0xC0084902, 0xC0084902);
COMMAND('I', 4, b_fd, 0xC0084904, 0xC0084904);
COMMAND('I', 5, b_fd, 0xC0084905, 0xC0084905);
COMMAND('I', 7, b_fd, 0xC0084907, 0xC0084907);

/* Generations C and D: fixed widths. */
typedef struct {
    uint64_t length;
    uint32_t heap_id_mask, flags, fd, unused;
} c_alloc;
typedef struct {
    uint32_t count, reserved0;
    uint64_t heaps;
    uint32_t reserved1, reserved2;
} heap_query;
typedef struct {
    char name[32];
    uint32_t type, heap_id, reserved0, reserved1, reserved2;
} heap_record;

COMMAND('I', 0, c_alloc, 0xC0184900, 0xC0184900);
OFFSET(c_alloc, fd, 16, 16);
COMMAND('I', 8, heap_query, 0xC0184908, 0xC0184908);
OFFSET(heap_query, reserved1, 16, 16);
_Static_assert(sizeof(heap_record) == 52, "heap_record");
_Static_assert(_IOR('I', 9, uint32_t) == 0x80044909, "ABI_VERSION");

/* The msm trees. */
typedef struct {
    struct a_handle* handle;
    int fd;
    void* address;
    unsigned int offset, length;
} a_flush;
typedef struct {
    int handle, fd;
    void* address;
    unsigned int offset, length;
} b_flush;
typedef struct {
    struct a_handle* handle;
    unsigned long flags;
} a_flags;

COMMAND('I', 7, a_flush, 0xC0144907, 0xC0204907);
COMMAND('I', 8, a_flush, 0xC0144908, 0xC0204908);
COMMAND('I', 9, a_flush, 0xC0144909, 0xC0204909);
COMMAND('I', 20, a_flush, 0xC0144914, 0xC0204914);
COMMAND('I', 21, a_flush, 0xC0144915, 0xC0204915);
COMMAND('I', 22, a_flush, 0xC0144916, 0xC0204916);
COMMAND('M', 0, a_flush, 0xC0144D00, 0xC0204D00);
COMMAND('M', 1, a_flush, 0xC0144D01, 0xC0204D01);
COMMAND('M', 2, a_flush, 0xC0144D02, 0xC0204D02);
COMMAND('M', 0, b_flush, 0xC0144D00, 0xC0184D00);
COMMAND('M', 1, b_flush, 0xC0144D01, 0xC0184D01);
COMMAND('M', 2, b_flush, 0xC0144D02, 0xC0184D02);
OFFSET(a_flush, address, 8, 16);
OFFSET(a_flush, offset, 12, 24);
OFFSET(b_flush, address, 8, 8);
OFFSET(b_flush, offset, 12, 16);
COMMAND('I', 10, a_flags, 0xC008490A, 0xC010490A);
COMMAND('I', 23, a_flags, 0xC0084917, 0xC0104917);
COMMAND('M', 3, a_flags, 0xC0084D03, 0xC0104D03);
OFFSET(a_flags, flags, 4, 8);

typedef struct {
    int heap_id;
    unsigned long length;
} prefetch_pair;
typedef struct {
    unsigned int vmid;
    size_t* sizes;
    unsigned int count;
} region;
typedef struct {
    int heap_id;
    unsigned long length;
    region* regions;
    unsigned int count;
} prefetch_regions;
typedef struct {
    uint64_t length, regions;
    uint32_t heap_id, count;
} prefetch_fixed;
typedef struct {
    uint64_t sizes;
    uint32_t vmid, count;
} region_fixed;

COMMAND('M', 3, prefetch_pair, 0xC0084D03, 0xC0104D03);
COMMAND('M', 4, prefetch_pair, 0xC0084D04, 0xC0104D04);
COMMAND('M', 3, prefetch_regions, 0xC0104D03, 0xC0204D03);
COMMAND('M', 4, prefetch_regions, 0xC0104D04, 0xC0204D04);
COMMAND('M', 3, prefetch_fixed, 0xC0184D03, 0xC0184D03);
COMMAND('M', 4, prefetch_fixed, 0xC0184D04, 0xC0184D04);
OFFSET(prefetch_regions, regions, 8, 16);
OFFSET(prefetch_regions, count, 12, 24);
OFFSET(region, sizes, 4, 8);
OFFSET(region, count, 8, 16);
_Static_assert(sizeof(region) == BY_WIDTH(12, 24), "region");
_Static_assert(sizeof(region_fixed) == 16, "region_fixed");

/* Other vendors, for the record: not understood, or only seen inside CUSTOM. */
typedef struct {
    struct a_handle* handle;
    unsigned long address, size;
} rockchip_phys;

COMMAND('R', 0, rockchip_phys, 0xC00C5200, 0xC0185200);
COMMAND('I', 9, b_fd, 0xC0084909, 0xC0084909);  /* Amlogic: invalidate */
COMMAND('I', 10, b_fd, 0xC008490A, 0xC008490A); /* HiSilicon: invalidate */

/* Our own. */
_Static_assert(ION_IOC_CHANNEL_OPEN == 0xC00849C0, "CHANNEL_OPEN");
_Static_assert(ION_IOC_CHANNEL_ALLOC == 0xC02049C1, "CHANNEL_ALLOC");
_Static_assert(ION_IOC_CHANNEL_SHARE == 0xC01049C2, "CHANNEL_SHARE");
OFFSET(struct ion_channel_alloc_data, token, 24, 24);
OFFSET(struct ion_channel_share_data, token, 8, 8);
