// SPDX-License-Identifier: Apache-2.0
//
// Exit status 0: libion is there, and no device is.

#include <errno.h>
#include <ion/ion.h>
#include <linux/ion_4.12.h>
#include <stdlib.h>

int main(void) {
    setenv("ION_DEVICE", "/nowhere", 1);
    int count = 0;
    return ion_open() == -1 && errno == ENOENT && ion_query_heap_cnt(-1, &count) == -EBADF ? 0 : 1;
}
