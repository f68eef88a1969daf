// SPDX-License-Identifier: Apache-2.0
//
// Buffers and open devices in more than one process, line by line.
//
//   processes DEVICE

#define _GNU_SOURCE
#include <signal.h>

#include "generation_b.h"
#include "share.h"

static const char* path;

/// Runs `body` in a child and waits for it.
static void in_child(void (*body)(int), int argument) {
    fflush(stdout);
    const pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        body(argument);
        fflush(stdout);
        _exit(0);
    }
    int status = -1;
    NEED(waitpid(child, &status, 0) == child && status == 0);
}

static void use_inherited(int handle) {
    const int fd = share_b(device, handle);
    printf("child_shares_handle_of_parent %d\n", fd >= 0);
    poke(fd, 0xc41d);
    NEED(allocate_b(device) == handle + 1);
    close(device);
}

static void child_closes(void) {
    const int handle = allocate_b(device);
    in_child(use_inherited, handle);
    printf("parent_sees_content_of_child %x\n", peek(share_b(device, handle)));
    line("parent_frees_handle_of_child", free_b(device, handle + 1), "%s", "");
}

/// The child lives on as the only one that has the device open, and the parent reads from it what came of that.
static void parent_closes(void) {
    const int own = open_device(path);
    const int handle = allocate_b(own);
    int gone[2];
    NEED(pipe2(gone, O_CLOEXEC) == 0);
    fflush(stdout);
    const pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        char byte;
        close(gone[1]);
        NEED(read(gone[0], &byte, 1) == 0);
        printf("child_goes_on_after_parent_closed %d\n", share_b(own, handle) >= 0);
        fflush(stdout);
        _exit(0);
    }
    close(own);
    close(gone[1]);
    int status = -1;
    NEED(waitpid(child, &status, 0) == child && status == 0);
}

static void write_received(int fd, const void* unused) {
    (void)unused;
    device = open_device(path);
    poke(fd, 0x5e47);
    const int handle = import_b(device, fd);
    printf("import_of_received %d content=%x\n", handle, peek(share_b(device, handle)));
    fflush(stdout);
}

static void passed(void) {
    const int fd = share_b(device, allocate_b(device));
    fflush(stdout);
    in_second_process(fd, write_received, NULL);
    printf("written_by_receiver %x\n", peek(fd));
}

/// Killed with everything in its hands: handles, descriptors, mappings, an open device.
static void killed(void) {
    fflush(stdout);
    const pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        const int own = open_device(path);
        for (int i = 0; i < 10; ++i) {
            map_words(share_b(own, allocate_b(own)), PAGE);
        }
        raise(SIGKILL);
    }
    int status = -1;
    NEED(waitpid(child, &status, 0) == child);
    printf("killed_by %d\n", WTERMSIG(status));
}

int main(int argc, char** argv) {
    NEED(argc == 2);
    path = argv[1];
    device = open_device(path);
    child_closes();
    parent_closes();
    passed();
    killed();
    return 0;
}
