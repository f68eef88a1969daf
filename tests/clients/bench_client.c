// SPDX-License-Identifier: Apache-2.0
//
// Times what a program pays for a buffer, beside what the bare round trip to a FUSE server costs at that moment, and
// what it pays the kernel for a memfd or, where there is one, a buffer of the dma-heap "system".
//
//   bench_client ECHO_DEVICE ION_DEVICE HEAP_MASK SECONDS [KIND...]
//
// Without a KIND it does all of them, else these: NAME, or NAME:BYTES for one size.
//
// Every round does each kind of work once, in an order of its own, so that whatever else the machine does hits all
// kinds alike. Prints one JSON document with the median and the 99th percentile of each kind in nanoseconds. A device
// without channels is measured without them, a machine without dma-heaps without those. Before work that is "paced",
// and not timed, the program does nothing for a frame of 60 Hz, as one that draws or films does.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <sys/ioctl.h>
#include <time.h>

#include "client/src/channel.h"
#include "daemon/abi/uapi_extension.h"
#include "share.h"

/// ALLOC of kernels from 4.12 on, and of those before, with FREE.
struct ion_allocation_data {
    uint64_t len;
    uint32_t heap_id_mask;
    uint32_t flags;
    uint32_t fd;
    uint32_t unused;
};
struct ion_handle_allocation_data {
    size_t len;
    size_t align;
    unsigned int heap_id_mask;
    unsigned int flags;
    int handle;
};
struct ion_handle_data {
    int handle;
};
/// Of no driver's magic, so that nobody who looks for ION's commands looks at this one.
#define ECHO _IOWR('E', 0, struct ion_channel_alloc_data)
#define ION_IOC_ALLOC _IOWR('I', 0, struct ion_allocation_data)
#define ION_IOC_HANDLE_ALLOC _IOWR('I', 0, struct ion_handle_allocation_data)
#define ION_IOC_FREE _IOWR('I', 1, struct ion_handle_data)

_Static_assert(sizeof(struct ion_allocation_data) == 24, "layout from 4.12 on");
_Static_assert(sizeof(struct ion_handle_allocation_data) == (sizeof(void*) == 8 ? 32 : 20), "layout of 3.10");

enum { kMaxRounds = 400000, kWarmUpRounds = 3, kPage = 4096 };

static struct {
    int echo;
    int ion;
    int dma_heap; /* -1: there is none */
    uint32_t heap_mask;
    char** chosen; /* names of kinds, ends with NULL; empty: all */
    int has_channel;
    struct ion_channel channel;
} here;

enum { kNothingLeft = -1 }; /* of a kind of work that has closed what it made */

/// The bytes of CHANNEL_ALLOC, to a server that hands them back.
static int echo(size_t size) {
    struct ion_channel_alloc_data data = {.len = size};
    check(ioctl(here.echo, ECHO, &data) == 0, "echo");
    return kNothingLeft;
}

static int allocate_injected(size_t size) {
    struct ion_allocation_data data = {.len = size, .heap_id_mask = here.heap_mask};
    check(ioctl(here.ion, ION_IOC_ALLOC, &data) == 0, "ALLOC");
    return (int)data.fd;
}

static int allocate_by_channel(size_t size) {
    const int fd = ion_channel_alloc(&here.channel, size, here.heap_mask, 0);
    errno = fd < 0 ? -fd : 0;
    check(fd >= 0, "ALLOC by channel");
    return fd;
}

static int allocate_from_dma_heap(size_t size) {
    struct dma_heap_allocation_data data = {.len = size, .fd_flags = O_RDWR | O_CLOEXEC};
    check(ioctl(here.dma_heap, DMA_HEAP_IOCTL_ALLOC, &data) == 0, "DMA_HEAP_IOCTL_ALLOC");
    return (int)data.fd;
}

static int close_it(int fd) {
    check(close(fd) == 0, "close");
    return kNothingLeft;
}

/// `populate`: MAP_POPULATE, as libion maps, or 0.
static int touch_and_close(int fd, size_t size, int populate) {
    volatile unsigned char* bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | populate, fd, 0);
    check(bytes != MAP_FAILED, "mmap");
    for (size_t at = 0; at < size; at += kPage) {
        bytes[at] = 1;
    }
    check(munmap((void*)bytes, size) == 0, "munmap");
    return close_it(fd);
}

/// Closed when the time has been taken.
static int channel_alloc(size_t size) {
    return allocate_by_channel(size);
}
static int channel(size_t size) {
    return close_it(allocate_by_channel(size));
}
static int injected(size_t size) {
    return close_it(allocate_injected(size));
}
static int dma_heap(size_t size) {
    return close_it(allocate_from_dma_heap(size));
}
static int channel_touched(size_t size) {
    return touch_and_close(allocate_by_channel(size), size, MAP_POPULATE);
}
static int injected_touched(size_t size) {
    return touch_and_close(allocate_injected(size), size, 0);
}
static int dma_heap_touched(size_t size) {
    return touch_and_close(allocate_from_dma_heap(size), size, 0);
}

/// Memory that the program gets from the kernel itself: what touching costs whoever allocated.
static int memfd_touched(size_t size) {
    const int fd = memfd_create("bench", MFD_CLOEXEC);
    check(fd >= 0 && ftruncate(fd, (off_t)size) == 0, "memfd");
    return touch_and_close(fd, size, 0);
}

/// Two round trips and no descriptor: what the daemon itself needs for a buffer.
static int handle(size_t size) {
    struct ion_handle_allocation_data data = {.len = size, .heap_id_mask = here.heap_mask};
    check(ioctl(here.ion, ION_IOC_HANDLE_ALLOC, &data) == 0, "ALLOC of a handle");
    struct ion_handle_data drop = {data.handle};
    check(ioctl(here.ion, ION_IOC_FREE, &drop) == 0, "FREE");
    return kNothingLeft;
}

static int channel_paced(size_t size) {
    return channel_touched(size);
}
static int memfd_paced(size_t size) {
    return memfd_touched(size);
}

/// What a kind of work cannot be measured without.
enum need { kNothing, kChannel, kDmaHeap };

#define EACH_SIZE(work, need)                                                                    \
    {#work, work, 4 << 10, need}, {#work, work, 64 << 10, need}, {#work, work, 1 << 20, need}, { \
#work, work, 8 << 20, need                                                               \
    }

static const struct {
    const char* name;
    int (*work)(size_t size); /* a descriptor to be closed after the time, or kNothingLeft */
    size_t size;
    enum need need;
} kKinds[] = {{"echo", echo, 0, kNothing},           EACH_SIZE(channel_alloc, kChannel),
              EACH_SIZE(channel, kChannel),          EACH_SIZE(injected, kNothing),
              {"handle", handle, 4 << 10, kNothing}, EACH_SIZE(dma_heap, kDmaHeap),
              EACH_SIZE(channel_touched, kChannel),  EACH_SIZE(injected_touched, kNothing),
              EACH_SIZE(dma_heap_touched, kDmaHeap), EACH_SIZE(memfd_touched, kNothing),
              EACH_SIZE(channel_paced, kChannel),    EACH_SIZE(memfd_paced, kNothing)};

enum { kKindCount = sizeof kKinds / sizeof *kKinds };

static uint32_t samples[kKindCount][kMaxRounds];

static uint64_t now_ns(void) {
    struct timespec now;
    check(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "clock_gettime");
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int is_chosen(size_t kind) {
    char one_size[64];
    snprintf(one_size, sizeof one_size, "%s:%zu", kKinds[kind].name, kKinds[kind].size);
    int found = here.chosen[0] == NULL;
    for (char** one = here.chosen; *one != NULL && !found; one++) {
        found = strcmp(*one, kKinds[kind].name) == 0 || strcmp(*one, one_size) == 0;
    }
    return found;
}

static void wait_a_frame(void) {
    const struct timespec frame = {.tv_nsec = 1000000000 / 60};
    nanosleep(&frame, NULL);
}

static int left_out(size_t kind) {
    return !is_chosen(kind) || (kKinds[kind].need == kChannel && !here.has_channel) ||
           (kKinds[kind].need == kDmaHeap && here.dma_heap < 0);
}

static void shuffle(size_t* order) {
    for (size_t i = kKindCount - 1; i > 0; i--) {
        const size_t other = (size_t)random() % (i + 1);
        const size_t kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

/// Returns the number of rounds measured within `seconds`; at least one.
static size_t measure(unsigned long seconds) {
    size_t order[kKindCount];
    for (size_t i = 0; i < kKindCount; i++) {
        order[i] = i;
    }
    const uint64_t end = now_ns() + (uint64_t)seconds * 1000000000;
    size_t round = 0;
    for (int warm_up = kWarmUpRounds; round == 0 || (now_ns() < end && round < kMaxRounds);) {
        shuffle(order);
        for (size_t i = 0; i < kKindCount; i++) {
            const size_t kind = order[i];
            if (left_out(kind)) {
                continue;
            }
            if (kKinds[kind].work == channel_paced || kKinds[kind].work == memfd_paced) {
                wait_a_frame();
            }
            const uint64_t begin = now_ns();
            const int left = kKinds[kind].work(kKinds[kind].size);
            const uint64_t taken = now_ns() - begin;
            if (left != kNothingLeft) {
                close_it(left);
            }
            samples[kind][round] = taken > UINT32_MAX ? UINT32_MAX : (uint32_t)taken;
        }
        if (warm_up > 0) {
            warm_up--;
        } else {
            round++;
        }
    }
    return round;
}

static int by_value(const void* left, const void* right) {
    const uint32_t a = *(const uint32_t*)left;
    const uint32_t b = *(const uint32_t*)right;
    return (a > b) - (a < b);
}

static void print_results(size_t rounds, uint64_t elapsed_ns) {
    printf("{\"bits\": %zu, \"rounds\": %zu, \"elapsed_ns\": %llu, \"kinds\": [", 8 * sizeof(void*), rounds,
           (unsigned long long)elapsed_ns);
    const char* separator = "";
    for (size_t i = 0; i < kKindCount; i++) {
        if (left_out(i)) {
            continue;
        }
        qsort(samples[i], rounds, sizeof samples[i][0], by_value);
        printf("%s\n  {\"kind\": \"%s\", \"bytes\": %zu, \"median_ns\": %u, \"p99_ns\": %u}", separator,
               kKinds[i].name, kKinds[i].size, samples[i][rounds / 2], samples[i][rounds * 99 / 100]);
        separator = ",";
    }
    puts("\n]}");
}

int main(int argc, char** argv) {
    char* end = NULL;
    const unsigned long seconds = argc >= 5 ? strtoul(argv[4], &end, 10) : 0;
    if (seconds == 0 || *end != '\0') {
        fprintf(stderr, "usage: %s ECHO_DEVICE ION_DEVICE HEAP_MASK SECONDS [KIND...]\n", argv[0]);
        return 2;
    }
    here.echo = open(argv[1], O_RDWR | O_CLOEXEC);
    check(here.echo >= 0, argv[1]);
    here.ion = open(argv[2], O_RDWR | O_CLOEXEC);
    check(here.ion >= 0, argv[2]);
    here.dma_heap = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC);
    here.chosen = argv + 5;
    here.heap_mask = (uint32_t)strtoul(argv[3], NULL, 0);
    errno = -ion_channel_open(&here.channel, here.ion);
    here.has_channel = errno == 0;
    check(here.has_channel || errno == ENOTTY, "channel");
    const uint64_t begin = now_ns();
    const size_t rounds = measure(seconds);
    print_results(rounds, now_ns() - begin);
    return 0;
}
