// SPDX-License-Identifier: Apache-2.0
//
// Asks for a page with a handle COUNT times, keeps what it gets, and prints how often it got one and how often which
// errno: "ok N", "ERRNO N".
//
//   refused DEVICE HEAP_MASK COUNT

#define _GNU_SOURCE
#include "generation_b.h"

int main(int argc, char** argv) {
    NEED(argc == 4);
    device = open(argv[1], O_RDWR | O_CLOEXEC);
    NEED(device >= 0);
    const uint32_t mask = (uint32_t)strtoul(argv[2], NULL, 0);
    const long count = strtol(argv[3], NULL, 0);
    struct alloc_b* data = ARG(struct alloc_b, .len = PAGE);
    long got = 0, refused[256] = {0};
    for (long i = 0; i < count; ++i) {
        *data = (struct alloc_b){.len = PAGE, .heap_mask = mask};
        if (call_on(device, ALLOC_B, data) == 0) {
            ++got;
        } else {
            ++refused[errno & 255];
        }
    }
    printf("ok %ld\n", got);
    for (int error = 0; error < 256; ++error) {
        if (refused[error] != 0) {
            printf("%d %ld\n", error, refused[error]);
        }
    }
    return 0;
}
