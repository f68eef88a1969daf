// SPDX-License-Identifier: Apache-2.0
//
// Modes of a stress client whose memory never answers: it maps a file of a server that takes requests and does
// not reply. They end when they are killed, or when that server does; what their calls return then is their
// own business.

#pragma once

#include <pthread.h>

#include "stress_work.h"

static const char* silent_file;

struct heap_query {
    uint32_t count, reserved0;
    uint64_t heaps;
    uint32_t reserved1, reserved2;
};
#define QUERY_HEAPS _IOWR('I', 8, struct heap_query)

static void* map_silent(void* where) {
    const int fd = open(silent_file, O_RDWR | O_CLOEXEC);
    check(fd >= 0, "the silent file");
    void* mapped =
        mmap(where, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | (where != NULL ? MAP_FIXED : 0), fd, 0);
    check(mapped != MAP_FAILED, "mmap");
    close(fd);
    return mapped;
}

/// The kernel cannot read the struct.
static void silent_argument(void) {
    stress_add(&report->in_call, 1);
    (void)ioctl(device, ALLOCATE, map_silent(NULL));
}

/// The daemon cannot write the array.
static void silent_array(void) {
    struct heap_query query = {.count = 4, .heaps = (uint64_t)(uintptr_t)map_silent(NULL)};
    stress_add(&report->in_call, 1);
    (void)ioctl(device, QUERY_HEAPS, &query);
}

static struct worker caller;
static uint32_t calling;

static void* call_once(void* unused) {
    *caller.argument = (struct allocation){.length = PAGE, .heap_mask = SYSTEM_HEAP, .fd = ~0u};
    stress_set(&calling, 1);
    stress_add(&report->in_call, 1);
    (void)caller.enter(caller.argument);
    return unused;
}

/// The struct is taken away at a random moment of the call: the kernel cannot copy it back, or the injector
/// cannot write the number.
static void silent_later(void) {
    caller = make_worker(0);
    pthread_t thread;
    check(pthread_create(&thread, NULL, call_once, NULL) == 0, "pthread_create");
    while (stress_get(&calling) == 0) {
    }
    for (volatile uint32_t left = dice(&caller, 60000); left > 0; --left) {
    }
    map_silent(caller.argument);
    pthread_join(thread, NULL);
}
