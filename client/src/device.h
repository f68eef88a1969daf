/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library remembers of an open device, by the number of its descriptor: which generation its driver is, and
 * the channel to iond. All of it is only a guess that saves calls: what turns out to be wrong is forgotten and found
 * out again. Any thread may call anything; a forked child begins with nothing remembered.
 */

#ifndef ION_CLIENT_DEVICE_H
#define ION_CLIENT_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* Has the driver handles? Asked by FREE of handle 0, unless it is remembered; ENOTTY alone means no. */
bool ion_device_is_legacy(int fd);

/* ALLOC and SHARE through the channel, which is opened on first use. A descriptor; or -ENOTCONN: there is no channel,
 * ask by a plain ioctl; or the negative errno of the command. */
int ion_device_alloc(int fd, uint64_t length, uint32_t heap_id_mask, uint32_t flags);
int ion_device_share(int fd, int32_t handle);

/* Closes the channel and forgets the rest; before `fd` is closed, or when it turns out to be another device. */
void ion_device_forget(int fd);

#endif
