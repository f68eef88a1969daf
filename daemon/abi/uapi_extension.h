/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that iond adds to ION for its client library, in C, alike for 32- and 64-bit programs.
 *
 * A channel is a socket pair of which the client keeps one end. A descriptor that one of these commands returns
 * comes through it, in a message that carries the token which the command put into its struct; so commands of
 * several threads and their descriptors can be matched.
 */

#ifndef ION_ABI_UAPI_EXTENSION_H
#define ION_ABI_UAPI_EXTENSION_H

#include <linux/ioctl.h>
#include <stdint.h> /* NOLINT(modernize-deprecated-headers): C */

#define ION_CHANNEL_VERSION 1

/* NOLINTBEGIN(readability-identifier-naming): named like the structs of ION's own header */

/* CHANNEL_OPEN: gives the daemon a copy of one end. ENOTTY from a driver that is not iond. */
struct ion_channel_open_data {
    uint32_t version; /* in: ION_CHANNEL_VERSION; out: the daemon's */
    int32_t fd;       /* in: the daemon's end; the caller may close it after the call */
};

/* CHANNEL_ALLOC: ALLOC of kernels from 4.12 on, with its errors. */
struct ion_channel_alloc_data {
    uint64_t len; /* bytes */
    uint32_t heap_id_mask;
    uint32_t flags;
    int32_t fd;      /* out: -1, or the descriptor when it did not go through the channel */
    uint32_t unused; /* ignored */
    uint64_t token;  /* out: names the message in the channel; 0 when there is none */
};

/* CHANNEL_SHARE: SHARE, with its errors. */
struct ion_channel_share_data {
    int32_t handle;
    int32_t fd;     /* out: as above */
    uint64_t token; /* out: as above */
};

/* NOLINTEND(readability-identifier-naming) */

#define ION_IOC_CHANNEL_OPEN _IOWR('I', 0xC0, struct ion_channel_open_data)
#define ION_IOC_CHANNEL_ALLOC _IOWR('I', 0xC1, struct ion_channel_alloc_data)
#define ION_IOC_CHANNEL_SHARE _IOWR('I', 0xC2, struct ion_channel_share_data)

#endif
