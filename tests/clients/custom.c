// SPDX-License-Identifier: Apache-2.0
//
// Calls CUSTOM with each inner number that it reads from standard input, and says what came of it: "ok" or an errno.
//
//   custom DEVICE

#define _GNU_SOURCE
#include "generation_b.h"

int main(int argc, char** argv) {
    NEED(argc == 2);
    device = open_device(argv[1]);
    char line[32];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        const uint32_t number = (uint32_t)strtoul(line, NULL, 0);
        if (call_on(device, CUSTOM_B, ARG(struct custom_b, .cmd = number)) == 0) {
            puts("ok");
        } else {
            printf("%d\n", errno);
        }
        fflush(stdout);
    }
    return 0;
}
