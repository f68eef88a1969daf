// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "client/src/channel.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "daemon/abi/uapi_extension.h"

static bool is_socket(int fd, ino_t inode) {
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) && status.st_ino == inode;
}

int ion_channel_open(struct ion_channel* channel, int device) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return -errno;
    }
    struct stat status;
    channel->socket_inode = fstat(ends[0], &status) == 0 ? status.st_ino : 0;
    struct ion_channel_open_data data = {.version = ION_CHANNEL_VERSION, .fd = ends[1]};
    const int failed = ioctl(device, ION_IOC_CHANNEL_OPEN, &data) != 0 ? errno : 0;
    close(ends[1]); /* the daemon has its own copy */
    if (failed != 0) {
        close(ends[0]);
        return -failed;
    }
    channel->device = device;
    channel->socket = ends[0];
    channel->owner = getpid();
    return -pthread_mutex_init(&channel->lock, NULL);
}

/* The next message; its descriptor, or -errno. */
static int receive(int socket, uint64_t* token) {
    struct iovec data = {.iov_base = token, .iov_len = sizeof(*token)};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    const ssize_t size = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0) {
        return -errno;
    }
    if (size != (ssize_t)sizeof(*token)) {
        return -ENOTCONN;
    }
    const struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) {
        return -EMFILE; /* the kernel drops a descriptor that the table has no room for */
    }
    int fd = -1;
    memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return fd;
}

/* The descriptor that belongs to `wanted`. Messages before it were sent twice around a restart of the daemon, or
 * belong to calls that failed afterwards: they are dropped. */
static int take(int socket, uint64_t wanted) {
    for (;;) {
        uint64_t token = 0;
        const int fd = receive(socket, &token);
        if (token == wanted || (fd < 0 && fd != -EMFILE)) {
            return fd;
        }
        if (fd >= 0) {
            close(fd);
        }
    }
}

static int call(struct ion_channel* channel, unsigned long command, void* data, const uint64_t* token) {
    if (channel->owner != getpid()) {
        return -ENOTCONN;
    }
    pthread_mutex_lock(&channel->lock);
    int result = ioctl(channel->device, command, data) != 0 ? -errno : 0;
    if (result == 0) {
        result = take(channel->socket, *token);
    }
    pthread_mutex_unlock(&channel->lock);
    return result;
}

int ion_channel_alloc(struct ion_channel* channel, uint64_t length, uint32_t heap_id_mask, uint32_t flags) {
    struct ion_channel_alloc_data data = {
        .len = length, .heap_id_mask = heap_id_mask, .flags = flags, .fd = -1};
    return call(channel, ION_IOC_CHANNEL_ALLOC, &data, &data.token);
}

int ion_channel_share(struct ion_channel* channel, int32_t handle) {
    struct ion_channel_share_data data = {.handle = handle, .fd = -1};
    return call(channel, ION_IOC_CHANNEL_SHARE, &data, &data.token);
}

void ion_channel_close(struct ion_channel* channel) {
    if (is_socket(channel->socket, channel->socket_inode)) {
        close(channel->socket);
    }
    channel->socket = -1;
    pthread_mutex_destroy(&channel->lock);
}
