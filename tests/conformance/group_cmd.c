// SPDX-License-Identifier: Apache-2.0
//
// Command numbers: ALLOC and HEAP_QUERY of other sizes and directions, other numbers and magics, the commands of
// earlier generations, and commands sent to a buffer.

#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "processes.h"
#include "report.h"

enum { BOTH_WAYS = _IOC_READ | _IOC_WRITE, ARGUMENT_PAGES = 5 };

/// What generation B declared; on 64 bits A's layouts have the same sizes.
struct old_alloc {
    size_t len, align;
    uint32_t heap_id_mask, flags;
    int handle;
};
struct old_fd {
    int handle, fd;
};
struct old_custom {
    uint32_t cmd;
    unsigned long arg;
};
#define OLD_ALLOC _IOWR('I', 0, struct old_alloc)
#define OLD_FREE _IOWR('I', 1, int)
#define OLD_MAP _IOWR('I', 2, struct old_fd)
#define OLD_SHARE _IOWR('I', 4, struct old_fd)
#define OLD_IMPORT _IOWR('I', 5, struct old_fd)
#define OLD_CUSTOM _IOWR('I', 6, struct old_custom)
#define OLD_SYNC _IOWR('I', 7, struct old_fd)
#define ABI_VERSION _IOR('I', 9, uint32_t)

/// As _IOC, but unsigned, as the kernel takes it.
static unsigned long command_number(unsigned direction, unsigned magic, unsigned number, unsigned size) {
    return _IOC(direction, magic, number, size);
}

/// One number, with a good ALLOC in memory that is large enough for any size, and with NULL.
static void command_case(const char* name, unsigned long command) {
    struct allocation* argument = pages(ARGUMENT_PAGES, PROT_READ | PROT_WRITE);
    *argument = (struct allocation){.len = PAGE, .heap_id_mask = system_mask()};
    const int before = open_fds();
    const int lowest = lowest_free_fd();
    const struct outcome outcome = CALL(ion_ioctl(device.fd, command, argument));
    const int new_fds = open_fds() - before;
    if (new_fds > 0) {
        close(lowest);
    }
    report(text("%s.ok_arg", name), text("cmd=0x%lx", command), outcome, "new_fds=%d", new_fds);
    TRY(text("%s.null_arg", name), text("cmd=0x%lx arg=NULL", command), ion_ioctl(device.fd, command, NULL));
    munmap(argument, (size_t)ARGUMENT_PAGES * PAGE);
}

static void sizes_and_directions(void) {
    static const unsigned sizes[] = {0, 1, 4, 8, 12, 16, 20, 23, 25, 28, 32, 48, 4096, 16383};
    static const struct {
        const char* name;
        unsigned number;
    } commands[] = {{"alloc", 0}, {"query", 8}};
    static const struct {
        const char* name;
        unsigned direction;
    } directions[] = {{"none", _IOC_NONE}, {"r", _IOC_READ}, {"w", _IOC_WRITE}};
    for (int c = 0; c < 2; ++c) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
            command_case(text("%s_size_%u", commands[c].name, sizes[i]),
                         command_number(BOTH_WAYS, 'I', commands[c].number, sizes[i]));
        }
    }
    for (int c = 0; c < 2; ++c) {
        for (int i = 0; i < 3; ++i) {
            command_case(text("%s_dir_%s", commands[c].name, directions[i].name),
                         command_number(directions[i].direction, 'I', commands[c].number, 24));
        }
    }
}

static void numbers_and_magics(void) {
    static const unsigned magics[] = {0, 'b', 'H', 'T', 'u', 'i', 0xff};
    for (unsigned number = 0; number <= 20; ++number) {
        if (number != 0 && number != 8) {
            command_case(text("nr%u_size24", number), command_number(BOTH_WAYS, 'I', number, 24));
        }
        command_case(text("nr%u_io", number), command_number(_IOC_NONE, 'I', number, 0));
    }
    command_case("nr255_size24", command_number(BOTH_WAYS, 'I', 255, 24));
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; ++i) {
        command_case(text("magic_0x%02x_nr0_size24", magics[i]), command_number(BOTH_WAYS, magics[i], 0, 24));
    }
    command_case("0", 0);
    command_case("ffffffff", 0xffffffff);
    command_case("alloc_with_bit32", ALLOC | 1ul << 32);
}

static void earlier_generations(void) {
    command_case("ALLOC", OLD_ALLOC);
    command_case("FREE", OLD_FREE);
    command_case("MAP", OLD_MAP);
    command_case("SHARE", OLD_SHARE);
    command_case("IMPORT", OLD_IMPORT);
    command_case("CUSTOM", OLD_CUSTOM);
    command_case("SYNC", OLD_SYNC);
    command_case("ABI_VERSION", ABI_VERSION);
    void* unmapped = unmapped_address();
    TRY("FREE.unmapped_arg", "unmapped", ion_ioctl(device.fd, OLD_FREE, unmapped));
    TRY("ALLOC.unmapped_arg", "unmapped, size 32 > 24", ion_ioctl(device.fd, OLD_ALLOC, unmapped));
    TRY("ABI_VERSION.unmapped_arg", "unmapped", ion_ioctl(device.fd, ABI_VERSION, unmapped));
    TRY("FREE.readonly_arg", "PROT_READ", ion_ioctl(device.fd, OLD_FREE, pages(1, PROT_READ)));
    uint32_t version = 77;
    const struct outcome asked = CALL(ion_ioctl(device.fd, ABI_VERSION, &version));
    report("ABI_VERSION.value", "in=77", asked, "out=%u", version);
    struct old_fd share = {5, 6};
    const struct outcome shared = CALL(ion_ioctl(device.fd, OLD_SHARE, &share));
    report("SHARE.arg_after", "5,6", shared, "out=%d,%d", share.handle, share.fd);
}

static void on_a_buffer(void) {
    const int fd = need_buffer(PAGE, system_mask(), UNCACHED);
    struct allocation data = {.len = PAGE, .heap_id_mask = system_mask()};
    struct heap_query query = {0};
    int handle = 0;
    TRY("alloc_on_dmabuf", "ALLOC on a dma-buf fd", ion_ioctl(fd, ALLOC, &data));
    TRY("query_on_dmabuf", "QUERY on a dma-buf fd", ion_ioctl(fd, QUERY, &query));
    TRY("free_on_dmabuf", "old FREE on a dma-buf fd", ion_ioctl(fd, OLD_FREE, &handle));
}

void group_cmd(const struct role* role) {
    (void)role;
    set_prefix("cmd");
    sizes_and_directions();
    numbers_and_magics();
    set_prefix("old");
    earlier_generations();
    set_prefix("cmd");
    on_a_buffer();
}
