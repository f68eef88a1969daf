// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

const char* in_child(int (*work)(void*), void* argument) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        _exit(work(argument));
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? text("%d", WEXITSTATUS(status)) : text("signal%d", WTERMSIG(status));
}

int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void report_child(const char* name, const char* inputs, const char* status, const char* outputs) {
    row(name, inputs, strcmp(status, "0") == 0 ? "0" : "-1", atoi(status), "%s", outputs);
}

/// A message of one byte with room for one descriptor.
struct parcel {
    char byte;
    struct iovec bytes;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message;
};

static void prepare(struct parcel* parcel) {
    *parcel = (struct parcel){.byte = 'x'};
    parcel->bytes = (struct iovec){&parcel->byte, 1};
    parcel->message = (struct msghdr){.msg_iov = &parcel->bytes,
                                      .msg_iovlen = 1,
                                      .msg_control = &parcel->control,
                                      .msg_controllen = sizeof parcel->control};
}

long send_fd(int socket, int fd) {
    struct parcel parcel;
    prepare(&parcel);
    parcel.control.header =
        (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(&parcel.control.header), &fd, sizeof fd);
    return sendmsg(socket, &parcel.message, 0);
}

int receive_fd(int socket, int flags) {
    struct parcel parcel;
    prepare(&parcel);
    if (recvmsg(socket, &parcel.message, flags) != 1) {
        return -1;
    }
    const struct cmsghdr* header = CMSG_FIRSTHDR(&parcel.message);
    int fd = -1;
    if (header != NULL && header->cmsg_type == SCM_RIGHTS) {
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    }
    return fd;
}

int open_fds(void) {
    DIR* directory = opendir("/proc/self/fd");
    if (directory == NULL) {
        abort();
    }
    int entries = 0;
    while (readdir(directory) != NULL) {
        ++entries;
    }
    closedir(directory);
    return entries - 3;  // ".", ".." and the directory's own
}

int lowest_free_fd(void) {
    const int fd = dup(STDIN_FILENO);
    close(fd);
    return fd;
}

bool read_text(const char* path, char* content, size_t size) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    size_t used = 0;
    ssize_t got = 0;
    while (used < size - 1 && (got = read(fd, content + used, size - 1 - used)) > 0) {
        used += (size_t)got;
    }
    content[used] = '\0';
    close(fd);
    return got >= 0;
}

bool write_text(const char* path, const char* content) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool written = write(fd, content, strlen(content)) == (ssize_t)strlen(content);
    close(fd);
    return written;
}
