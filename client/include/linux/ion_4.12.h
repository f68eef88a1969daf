/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /dev/ion as kernels from 4.12 to 5.10 have it: no handles, ALLOC returns a descriptor. Alike for 32- and 64-bit
 * programs. Names are those of Android's copy of that header, where "new" keeps ALLOC apart from the one in
 * <linux/ion.h>; both may be included, in any order.
 *
 * Every command returns 0, or -1 with errno: EINVAL, ENODEV, ENOMEM, EMFILE, EFAULT, and ENOTTY from older drivers.
 */

#ifndef ION_LINUX_ION_4_12_H
#define ION_LINUX_ION_4_12_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* NOLINTBEGIN(readability-identifier-naming): the names of the kernel's header */

/* ALLOC. */
struct ion_new_allocation_data {
    __u64 len;          /* in: bytes; rounded up to pages, but not written back */
    __u32 heap_id_mask; /* in: heaps to try, by id */
    __u32 flags;        /* in: 1 = cached; unknown flags do nothing */
    __u32 fd;           /* out: a close-on-exec descriptor, which the caller owns */
    __u32 unused;       /* ignored */
};

#define MAX_HEAP_NAME 32 /* bytes, with the terminating 0 */

/* One record of HEAP_QUERY. */
struct ion_heap_data {
    char name[MAX_HEAP_NAME];
    __u32 type;    /* enum ion_heap_type of the kernel that answers */
    __u32 heap_id; /* its bit in heap_id_mask, 0 to 31 */
    __u32 reserved0;
    __u32 reserved1;
    __u32 reserved2;
};

/* HEAP_QUERY. With heaps == 0 it counts; else it fills in at most cnt records, by descending id. */
struct ion_heap_query {
    __u32 cnt;       /* in: room in the array, in records; out: how many there are, or were filled in */
    __u32 reserved0; /* all three: 0, else EINVAL */
    __u64 heaps;     /* address of the array of struct ion_heap_data, or 0 */
    __u32 reserved1;
    __u32 reserved2;
};

/* NOLINTEND(readability-identifier-naming) */

#ifndef ION_IOC_MAGIC
#define ION_IOC_MAGIC 'I'
#endif

#define ION_IOC_NEW_ALLOC _IOWR(ION_IOC_MAGIC, 0, struct ion_new_allocation_data)
#define ION_IOC_HEAP_QUERY _IOWR(ION_IOC_MAGIC, 8, struct ion_heap_query)

/* ABI_VERSION, in Android's kernels from 5.4 on: from this version on, heaps are modules, to be found by name. */
#define ION_ABI_VERSION_MODULAR_HEAPS 2
#define ION_IOC_ABI_VERSION _IOR(ION_IOC_MAGIC, 9, __u32)

#endif
