/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libion: the C interface to /dev/ion for drivers of every generation, with the names and conventions of Android's
 * library of that name.
 *
 * A driver is *legacy* if it has handles (kernels before 4.12), *modern* if ALLOC returns a descriptor. ion_alloc_fd
 * works with both. Unless a function says otherwise it returns 0, or a negative errno; what it returns through
 * pointers is written on success only. Lengths are bytes, and drivers round them up to pages. `heap_mask` has bit n
 * for the heap with id n; `flags` are ION_FLAG_* of <linux/ion.h>.
 *
 * Any thread may call anything at any time, and a forked child may go on with what it inherited. `fd` may come from
 * ion_open or from open(2). Close it by ion_close: the library keeps a socket to iond for it.
 */

#ifndef ION_ION_H
#define ION_ION_H

#include <linux/ion.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opens the device: the path in the environment variable ION_DEVICE (ignored in set-user-id programs), else
 * /dev/ion; read-only, which suffices for every call, and close-on-exec. Returns a descriptor that the caller owns,
 * or -1 with errno from open(2). */
int ion_open(void);

/* Closes a descriptor, of the device or of a buffer. -EBADF. */
int ion_close(int fd);

/* Legacy: allocates, and gives the handle, with one reference. -EINVAL: modern driver, `handle` NULL, length 0 or too
 * large, or the heap refuses `align` (0 or a power of two). -ENODEV: no such heap. -ENOMEM, or what the heap says. */
int ion_alloc(int fd, size_t len, size_t align, unsigned int heap_mask, unsigned int flags,
              ion_user_handle_t* handle);

/* Any driver: allocates, and gives a close-on-exec descriptor that the caller owns and that alone keeps the buffer.
 * Legacy: ALLOC, SHARE and FREE in one; modern drivers have no `align`. Errors as ion_alloc, and -EMFILE. */
int ion_alloc_fd(int fd, size_t len, size_t align, unsigned int heap_mask, unsigned int flags,
                 int* handle_fd);

/* Legacy: makes what was written through `handle_fd` visible to devices. Modern: -EINVAL; there it is
 * DMA_BUF_IOCTL_SYNC on the buffer. -EBADF; -EINVAL: not a buffer of this driver. */
int ion_sync_fd(int fd, int handle_fd);

/* Drops one reference of a handle. -EINVAL: not a handle of this descriptor. -ENOTTY: modern driver. */
int ion_free(int fd, ion_user_handle_t handle);

/* Legacy: maps the buffer as mmap(2) does with `prot`, `flags` and `offset`, a shared mapping with all its pages
 * (MAP_POPULATE), and gives the address and a new descriptor, both the caller's. -EINVAL: modern driver, a NULL pointer, bad handle. -EMFILE; errors of mmap. */
int ion_map(int fd, ion_user_handle_t handle, size_t length, int prot, int flags, off_t offset,
            unsigned char** ptr, int* map_fd);

/* Legacy: gives a new close-on-exec descriptor for the buffer, the caller's. -EINVAL: modern driver, NULL, bad
 * handle. -EMFILE, -ENOMEM. */
int ion_share(int fd, ion_user_handle_t handle, int* share_fd);

/* Legacy: gives this descriptor's handle to the buffer behind `share_fd`, with one reference more. -EINVAL: modern
 * driver, NULL, not a buffer of this driver. -EBADF. */
int ion_import(int fd, int share_fd, ion_user_handle_t* handle);

/* Gives the number of heaps. -EINVAL: NULL. -ENOTTY: a kernel before 4.9. */
int ion_query_heap_cnt(int fd, int* cnt);

/* Fills `buffers`, an array of `cnt` struct ion_heap_data (<linux/ion_4.12.h>), by descending heap id. -EINVAL:
 * cnt 0. -EFAULT. -ENOTTY as above. */
int ion_query_get_heaps(int fd, int cnt, void* buffers);

/* 1 for a legacy driver, 0 for a modern one. The driver is asked once for each descriptor, by FREE of handle 0; all
 * answers but ENOTTY mean legacy. */
int ion_is_legacy(int fd);

/* 1 when the heaps are modules (ABI_VERSION is 2 or more), else 0. */
int ion_is_using_modular_heaps(int fd);

#ifdef __cplusplus
}
#endif

#endif
