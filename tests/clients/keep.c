// SPDX-License-Identifier: Apache-2.0
//
// A client that lives through whatever happens to the daemon: it holds COUNT buffers by their handles, one of them
// mapped with a pattern, and goes on allocating and freeing another.
//
//   keep DEVICE HEAP_MASK COUNT
//
// "ready" when it has its buffers. For each line on standard input: it shares every handle's buffer once, looks at the
// pattern, and says "ok CALLS", calls being those made so far. Ends with status 0 when the input does, with status 1
// and the reason at the first call that fails.

#define _GNU_SOURCE
#include <poll.h>

#include "generation_b.h"

static unsigned long calls;

static void complain(const char* what) {
    printf("%s after %lu calls: %s\n", what, calls, strerror(errno));
    exit(1);
}

static int allocate(uint32_t mask) {
    struct alloc_b data = {.len = PAGE, .heap_mask = mask};
    if (ioctl(device, ALLOC_B, &data) != 0) {
        complain("ALLOC");
    }
    ++calls;
    return data.handle;
}

static int share(int handle) {
    struct fd_b data = {.handle = handle};
    if (ioctl(device, SHARE_B, &data) != 0) {
        complain("SHARE");
    }
    ++calls;
    return data.fd;
}

static void drop(int handle) {
    struct handle_b data = {handle};
    if (ioctl(device, FREE_B, &data) != 0) {
        complain("FREE");
    }
    ++calls;
}

static void look_at(const int* handles, long count, const unsigned char* mapped) {
    for (long i = 0; i < count; ++i) {
        close(share(handles[i]));
    }
    for (int i = 0; i < PAGE; ++i) {
        if (mapped[i] != 0x69) {
            complain("pattern");
        }
    }
    printf("ok %lu\n", calls);
    fflush(stdout);
}

int main(int argc, char** argv) {
    NEED(argc == 4);
    device = open(argv[1], O_RDWR | O_CLOEXEC);
    if (device < 0) {
        complain("open");
    }
    const uint32_t mask = (uint32_t)strtoul(argv[2], NULL, 0);
    const long count = atol(argv[3]);
    int* const handles = calloc((size_t)count, sizeof(int));
    NEED(count > 0 && handles != NULL);
    for (long i = 0; i < count; ++i) {
        handles[i] = allocate(mask);
    }
    const int fd = share(handles[0]);
    unsigned char* const mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    NEED(mapped != MAP_FAILED);
    memset(mapped, 0x69, PAGE);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct pollfd input = {0, POLLIN, 0};
        char line[16];
        if (poll(&input, 1, 0) == 1) {
            if (fgets(line, sizeof(line), stdin) == NULL) {
                return 0;
            }
            look_at(handles, count, mapped);
        }
        drop(allocate(mask));
    }
}
