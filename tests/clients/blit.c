// SPDX-License-Identifier: Apache-2.0
//
// Has the blitter (examples/drivers/blitter.cpp) copy between two buffers, and looks at them through descriptors.
// Prints a line for each case. At a line on standard input it ends.
//
//   blit DEVICE

#define _GNU_SOURCE
#include "../../examples/drivers/blitter.h"
#include "generation_b.h"

enum { PAGES = 3, SIZE = PAGES * PAGE };

static int buffer(uint32_t mask, unsigned char** bytes) {
    struct alloc_b* data = ARG(struct alloc_b, .len = SIZE, .heap_mask = mask);
    NEED(call_on(device, ALLOC_B, data) == 0);
    const int fd = share_b(device, data->handle);
    *bytes = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    NEED(*bytes != MAP_FAILED);
    return data->handle;
}

static int blit(struct blit_copy* copy) {
    return call_on(device, CUSTOM_B, ARG(struct custom_b, BLIT_COPY, address_of(copy)));
}

int main(int argc, char** argv) {
    NEED(argc == 2);
    device = open_device(argv[1]);
    unsigned char* from;
    unsigned char* to;
    const int source = buffer(SYSTEM, &from);
    const int destination = buffer(CARVEOUT, &to);
    for (int i = 0; i < SIZE; ++i) {
        from[i] = (unsigned char)(i * 7 + i / PAGE);
    }
    struct blit_copy* copy =
        ARG(struct blit_copy, .source = (uint32_t)source, .destination = (uint32_t)destination,
            .source_offset = 100, .destination_offset = 5000, .length = 6000);
    const int copied = blit(copy);
    line("copy", copied, "pieces %d same %d before %d after %d", (int)copy->pieces,
         memcmp(to + 5000, from + 100, 6000) == 0, to[4999], to[11000]);
    copy->destination = copy->source;
    copy->source_offset = 0;
    copy->destination_offset = SIZE - 200;
    copy->length = 200;
    const int onto_itself = blit(copy);
    line("one_buffer", onto_itself, "same %d", memcmp(from + SIZE - 200, from, 200) == 0);
    copy->length = SIZE;
    line("beyond", blit(copy), "%s", "");
    copy->destination = 77;
    line("no_handle", blit(copy), "%s", "");
    line("no_memory", call_on(device, CUSTOM_B, ARG(struct custom_b, BLIT_COPY, 8)), "%s", "");
    line("no_driver", call_on(device, CUSTOM_B, ARG(struct custom_b, 0xB1170002U, address_of(copy))), "%s",
         "");
    (void)getchar();
    return 0;
}
