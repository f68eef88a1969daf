/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's half of a channel: how a program that knows iond gets its descriptors, with one ioctl and one
 * receive that never waits. C11, no allocation, usable in static programs.
 *
 * Every function returns -errno on failure. A channel serves the process that opened it and any of its threads
 * at once; in a forked child its functions answer -ENOTCONN, and the child opens one of its own.
 */

#ifndef ION_CLIENT_CHANNEL_H
#define ION_CLIENT_CHANNEL_H

#include <pthread.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct ion_channel {
    pthread_mutex_t lock; /* one call at a time, so that messages and tokens meet */
    int device;           /* the open device, borrowed */
    int socket;           /* our end of the pair */
    ino_t socket_inode;   /* by which its number is known to be still ours */
    pid_t owner;
};

/* Opens a channel on `device`, an open /dev/ion that must stay open as long as the channel. -ENOTTY: the device
 * is a kernel's; -EPERM: the daemon may not reach into this process; -EMFILE: it takes two numbers for a moment. */
int ion_channel_open(struct ion_channel* channel, int device);

/* ALLOC of kernels from 4.12 on. Returns a close-on-exec descriptor, which the caller owns. Its errors, and of the
 * channel -ENOTCONN: there is none, or no longer; -EPIPE, -ECONNRESET, -EAGAIN: the descriptor did not come
 * through. After these, open another one. */
int ion_channel_alloc(struct ion_channel* channel, uint64_t length, uint32_t heap_id_mask, uint32_t flags);

/* SHARE: a new descriptor for the buffer behind a handle. Errors of SHARE, and of the channel as above. */
int ion_channel_share(struct ion_channel* channel, int32_t handle);

/* Closes our end, unless the program has closed it and its number means something else. Also for what a forked
 * child has inherited. Nobody may be using the channel. */
void ion_channel_close(struct ion_channel* channel);

#endif
