// SPDX-License-Identifier: Apache-2.0
//
// Allocates a page with a handle for each line on standard input, and says what came of it: "ok" or an errno. Keeps
// what it has until the input ends.
//
//   allocate DEVICE HEAP_MASK

#define _GNU_SOURCE
#include "generation_b.h"

int main(int argc, char** argv) {
    NEED(argc == 3);
    device = open(argv[1], O_RDWR | O_CLOEXEC);
    NEED(device >= 0);
    const uint32_t mask = (uint32_t)strtoul(argv[2], NULL, 0);
    char line[16];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        struct alloc_b* data = ARG(struct alloc_b, .len = PAGE, .heap_mask = mask);
        const int result = call_on(device, ALLOC_B, data);
        if (result == 0) {
            puts("ok");
        } else {
            printf("%d\n", errno);
        }
        fflush(stdout);
    }
    return 0;
}
