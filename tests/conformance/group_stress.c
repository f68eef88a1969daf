// SPDX-License-Identifier: Apache-2.0
//
// Calls from several threads at once, and calls that signals interrupt.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/dma-buf.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "report.h"

enum { THREADS = 4, ROUNDS = 100, SIZE = 64 * KIB };

/// Counts in `*failures` what did not work.
static void* allocate_and_check(void* failures) {
    long* failed = failures;
    for (int i = 0; i < ROUNDS; ++i) {
        const int fd = allocate(SIZE, system_mask(), i % 2 == 0 ? UNCACHED : CACHED);
        if (fd < 0) {
            ++*failed;
            continue;
        }
        unsigned char* bytes = map_shared(fd, SIZE);
        if (bytes == MAP_FAILED || !all_zero(bytes, SIZE)) {
            ++*failed;
        } else {
            memset(bytes, i | 1, SIZE);
            munmap(bytes, SIZE);
        }
        *failed += close(fd) != 0;
    }
    return NULL;
}

static void threads(void) {
    pthread_t thread[THREADS];
    long failed[THREADS] = {0};
    long sum = 0;
    for (int i = 0; i < THREADS; ++i) {
        if (pthread_create(&thread[i], NULL, allocate_and_check, &failed[i]) != 0) {
            return;  // the row is missed
        }
    }
    for (int i = 0; i < THREADS; ++i) {
        pthread_join(thread[i], NULL);
        sum += failed[i];
    }
    observe("4_threads", "4 x 100 x (alloc 64 KiB, mmap, check zero, fill, unmap, close)", "failures=%ld",
            sum);
}

static void ignore(int signal) {
    (void)signal;
}

static int failed_syncs(int fd) {
    struct dma_buf_sync start = {DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START};
    struct dma_buf_sync end = {DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END};
    const int start_failed = ion_ioctl(fd, DMA_BUF_IOCTL_SYNC, &start) != 0;
    return start_failed + (ion_ioctl(fd, DMA_BUF_IOCTL_SYNC, &end) != 0);
}

static void interrupted(void) {
    enum { CALLS = 500, NANOSECONDS = 700000 };
    const struct sigaction action = {.sa_handler = ignore};  // without SA_RESTART
    sigaction(SIGUSR1, &action, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    const struct itimerspec period = {{0, NANOSECONDS}, {0, NANOSECONDS}};
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &period, NULL);
    int failed = 0;
    int eintr = 0;
    int syncs = 0;
    int queries = 0;
    for (int i = 0; i < CALLS; ++i) {
        const int fd = allocate(MIB, system_mask(), CACHED);
        if (fd < 0) {
            ++failed;
            eintr += errno == EINTR;
            continue;
        }
        syncs += failed_syncs(fd);
        close(fd);
    }
    for (int i = 0; i < CALLS; ++i) {
        struct heap_query query = {0};
        queries += ion_ioctl(device.fd, QUERY, &query) != 0;
    }
    timer_delete(timer);
    observe("signals", "500 x alloc 1 MiB + SYNC, 500 x query, a signal every 0.7 ms, no SA_RESTART",
            "alloc_failures=%d eintr=%d sync_failures=%d query_failures=%d", failed, eintr, syncs, queries);
}

void group_stress(const struct role* role) {
    (void)role;
    set_prefix("stress");
    threads();
    interrupted();
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    const struct outcome got = CALL(allocate(PAGE, system_mask(), UNCACHED));
    report_as("all_signals_blocked", NULL, got, "0", "%s", "");
}
