// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "client/src/device.h"

#include <errno.h>
#include <linux/ion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "client/src/channel.h"

enum generation { GENERATION_UNKNOWN, GENERATION_LEGACY, GENERATION_MODERN };

enum channel_state {
    CHANNEL_CLOSED, /* not tried yet, or lost */
    CHANNEL_OPEN,
    CHANNEL_REFUSED, /* the driver is not iond, or iond may not reach into this process */
};

struct device {
    struct device* next; /* this and the next three: table_lock */
    int fd;
    unsigned users; /* threads that work with it at this moment */
    bool forgotten; /* not found any more; its last user frees it */
    _Atomic enum generation generation;
    pthread_mutex_t lock; /* the rest, and one call through the channel at a time */
    enum channel_state state;
    struct ion_channel channel;
};

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct device* table;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
static bool fork_handled; /* without its handlers nothing can be remembered */

static void before_fork(void) {
    pthread_mutex_lock(&table_lock);
}

static void after_fork(void) {
    pthread_mutex_unlock(&table_lock);
}

/* The child's channels would be the parent's, and other locks may have been held by threads that it does not have:
 * devices are freed as they are. */
static void after_fork_in_child(void) {
    struct device* device = table;
    table = NULL;
    while (device != NULL) {
        struct device* next = device->next;
        if (device->state == CHANNEL_OPEN) {
            ion_channel_close(&device->channel);
        }
        free(device);
        device = next;
    }
    pthread_mutex_unlock(&table_lock);
}

static void handle_forks(void) {
    fork_handled = pthread_atfork(before_fork, after_fork, after_fork_in_child) == 0;
}

/* With table_lock held: the link that leads to the device, or to the end of the list. */
static struct device** find(int fd) {
    struct device** link = &table;
    while (*link != NULL && ((*link)->fd != fd || (*link)->forgotten)) {
        link = &(*link)->next;
    }
    return link;
}

/* With table_lock held. */
static void take_off(const struct device* device) {
    struct device** link = &table;
    while (*link != device) {
        link = &(*link)->next;
    }
    *link = device->next;
}

/* Without a lock: close is a cancellation point. */
static void destroy(struct device* device) {
    if (device->state == CHANNEL_OPEN) {
        ion_channel_close(&device->channel);
    }
    pthread_mutex_destroy(&device->lock);
    free(device);
}

/* What is remembered of `fd`, if need be nothing yet; NULL when there is no memory for it. */
static struct device* acquire(int fd) {
    pthread_once(&fork_once, handle_forks);
    pthread_mutex_lock(&table_lock);
    struct device** link = find(fd);
    if (*link == NULL && fork_handled) {
        struct device* device = calloc(1, sizeof(*device));
        if (device != NULL && pthread_mutex_init(&device->lock, NULL) == 0) {
            device->fd = fd;
            *link = device;
        } else {
            free(device);
        }
    }
    struct device* device = *link;
    if (device != NULL) {
        ++device->users;
    }
    pthread_mutex_unlock(&table_lock);
    return device;
}

static void release(struct device* device) {
    pthread_mutex_lock(&table_lock);
    const bool last = --device->users == 0 && device->forgotten;
    if (last) {
        take_off(device);
    }
    pthread_mutex_unlock(&table_lock);
    if (last) {
        destroy(device);
    }
}

void ion_device_forget(int fd) {
    pthread_mutex_lock(&table_lock);
    struct device* device = *find(fd);
    const bool unused = device != NULL && device->users == 0;
    if (unused) {
        take_off(device);
    } else if (device != NULL) {
        device->forgotten = true;
    }
    pthread_mutex_unlock(&table_lock);
    if (unused) {
        destroy(device);
    }
}

/* Asks the driver. The first handle is 1, so nothing is freed. */
static enum generation probe(int fd) {
    struct ion_handle_data none = {.handle = 0};
    const int error = ioctl(fd, ION_IOC_FREE, &none) == 0 ? 0 : errno;
    if (error == EBADF) {
        return GENERATION_UNKNOWN;
    }
    return error == ENOTTY ? GENERATION_MODERN : GENERATION_LEGACY;
}

bool ion_device_is_legacy(int fd) {
    struct device* device = acquire(fd);
    enum generation generation = device != NULL ? atomic_load(&device->generation) : GENERATION_UNKNOWN;
    if (generation == GENERATION_UNKNOWN) {
        generation = probe(fd);
    }
    if (device != NULL) {
        atomic_store(&device->generation, generation);
        release(device);
    }
    if (generation == GENERATION_UNKNOWN) {
        ion_device_forget(fd);
    }
    return generation != GENERATION_MODERN;
}

/* With device->lock held. */
static bool has_channel(struct device* device) {
    if (device->state == CHANNEL_CLOSED) {
        const int error = -ion_channel_open(&device->channel, device->fd);
        if (error == 0) {
            device->state = CHANNEL_OPEN;
        } else if (error == ENOTTY || error == EPERM) {
            device->state = CHANNEL_REFUSED;
        }
    }
    return device->state == CHANNEL_OPEN;
}

/* The channel is of no use: it is not there, not this process's, full, or the device is another one. */
static bool is_lost(int result) {
    return result == -ENOTCONN || result == -EPIPE || result == -ECONNRESET || result == -EAGAIN ||
           result == -ENOTTY;
}

struct request {
    int32_t handle; /* SHARE; 0 for ALLOC */
    uint64_t length;
    uint32_t heap_id_mask;
    uint32_t flags;
};

static int issue(struct ion_channel* channel, const struct request* request) {
    return request->handle != 0
               ? ion_channel_share(channel, request->handle)
               : ion_channel_alloc(channel, request->length, request->heap_id_mask, request->flags);
}

static int by_channel(int fd, const struct request* request) {
    struct device* device = acquire(fd);
    if (device == NULL) {
        return -ENOTCONN;
    }
    int cancellable = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE,
                           &cancellable); /* recvmsg and close are cancellation points */
    pthread_mutex_lock(&device->lock);
    int result = -ENOTCONN;
    for (int tries = 2; tries > 0 && result == -ENOTCONN && has_channel(device); --tries) {
        result = issue(&device->channel, request);
        if (is_lost(result)) {
            ion_channel_close(&device->channel);
            device->state = CHANNEL_CLOSED;
            result = -ENOTCONN;
        }
    }
    pthread_mutex_unlock(&device->lock);
    pthread_setcancelstate(cancellable, NULL);
    release(device);
    return result;
}

int ion_device_alloc(int fd, uint64_t length, uint32_t heap_id_mask, uint32_t flags) {
    const struct request request = {.length = length, .heap_id_mask = heap_id_mask, .flags = flags};
    return by_channel(fd, &request);
}

int ion_device_share(int fd, int32_t handle) {
    const struct request request = {.handle = handle};
    return handle != 0 ? by_channel(fd, &request) : -EINVAL;
}
