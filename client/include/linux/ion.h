/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /dev/ion as kernels from 3.10 to 4.11 declare it: buffers are known by handles, which are ints and belong to one
 * open file of the device. For kernels from 4.12 on there is <linux/ion_4.12.h>; both may be included, in any order.
 *
 * Names and layouts are those of these kernels' own header, so that programs written for it compile unchanged. The
 * structs with size_t or long have one layout, and their commands one number, for 32-bit and another for 64-bit
 * programs. Every command returns 0, or -1 with errno: EINVAL, ENODEV, ENOMEM, EBADF, EMFILE, EFAULT, and ENOTTY
 * from drivers that do not have it.
 */

#ifndef ION_LINUX_ION_H
#define ION_LINUX_ION_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <stddef.h> /* NOLINT(modernize-deprecated-headers): C */

/* NOLINTBEGIN(modernize-use-using,readability-identifier-naming): the names of the kernel's header, in C */

/* From 1 up; 0 is never a handle. */
typedef int ion_user_handle_t;

/* What a heap is made of. Vendors' kernels number those above DMA differently. */
enum ion_heap_type {
    ION_HEAP_TYPE_SYSTEM,        /* pages from anywhere */
    ION_HEAP_TYPE_SYSTEM_CONTIG, /* adjacent pages */
    ION_HEAP_TYPE_CARVEOUT,      /* a region set aside when the machine starts */
    ION_HEAP_TYPE_CHUNK,         /* chunks of one size out of such a region */
    ION_HEAP_TYPE_DMA,           /* the DMA interface, usually CMA */
    ION_HEAP_TYPE_CUSTOM,        /* first of what a platform adds */
    ION_NUM_HEAPS = 16
};

/* Bits of heap_id_mask are heap ids, 0 to 31. These are right where a heap's id is its type. */
#define ION_HEAP_SYSTEM_MASK (1 << ION_HEAP_TYPE_SYSTEM)
#define ION_HEAP_SYSTEM_CONTIG_MASK (1 << ION_HEAP_TYPE_SYSTEM_CONTIG)
#define ION_HEAP_CARVEOUT_MASK (1 << ION_HEAP_TYPE_CARVEOUT)
#define ION_HEAP_TYPE_DMA_MASK (1 << ION_HEAP_TYPE_DMA)
#define ION_NUM_HEAP_IDS (sizeof(unsigned int) * 8)

/* Flags of ALLOC. The upper 16 bits are the heap's own; unknown flags do nothing. */
#define ION_FLAG_CACHED 1            /* mappings are cached */
#define ION_FLAG_CACHED_NEEDS_SYNC 2 /* ... and the program says when it has written (SYNC) */

/* ALLOC. The handle holds one reference. */
struct ion_allocation_data {
    size_t len;                /* in: bytes; rounded up to pages, but not written back */
    size_t align;              /* in: bytes, a power of two or 0 */
    unsigned int heap_id_mask; /* in: heaps to try */
    unsigned int flags;        /* in */
    ion_user_handle_t handle;  /* out */
};

/* MAP and SHARE: handle in, a new descriptor out, which the caller owns. IMPORT: descriptor in, handle out. SYNC:
 * descriptor in. */
struct ion_fd_data {
    ion_user_handle_t handle;
    int fd; /* out: negative when the call failed, in some drivers though they return 0 */
};

/* FREE. */
struct ion_handle_data {
    ion_user_handle_t handle;
};

/* CUSTOM: a command of the platform within the command. */
struct ion_custom_data {
    unsigned int cmd;
    unsigned long arg;
};

/* NOLINTEND(modernize-use-using,readability-identifier-naming) */

#ifndef ION_IOC_MAGIC
#define ION_IOC_MAGIC 'I'
#endif

#define ION_IOC_ALLOC _IOWR(ION_IOC_MAGIC, 0, struct ion_allocation_data)
#define ION_IOC_FREE _IOWR(ION_IOC_MAGIC, 1, struct ion_handle_data)
#define ION_IOC_MAP _IOWR(ION_IOC_MAGIC, 2, struct ion_fd_data)
#define ION_IOC_SHARE _IOWR(ION_IOC_MAGIC, 4, struct ion_fd_data)
#define ION_IOC_IMPORT _IOWR(ION_IOC_MAGIC, 5, struct ion_fd_data)
#define ION_IOC_CUSTOM _IOWR(ION_IOC_MAGIC, 6, struct ion_custom_data)
#define ION_IOC_SYNC _IOWR(ION_IOC_MAGIC, 7, struct ion_fd_data)

#endif
