// SPDX-License-Identifier: Apache-2.0
//
// The ioctls of a dma-buf: DMA_BUF_IOCTL_SYNC with every flag and order, its neighbours, and DMA_BUF_SET_NAME.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "processes.h"
#include "report.h"

enum { RW_START = DMA_BUF_SYNC_RW, RW_END = DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END };

static long sync_buffer(int fd, uint64_t flags) {
    struct dma_buf_sync sync = {flags};
    return ion_ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
}

static void flags(const struct role* role) {
    static const struct {
        const char* name;
        uint64_t flags;
    } cases[] = {{"0", 0},
                 {"READ|START", 1},
                 {"READ|END", 5},
                 {"WRITE|START", 2},
                 {"WRITE|END", 6},
                 {"RW|START", 3},
                 {"RW|END", 7},
                 {"END", 4},
                 {"8", 8},
                 {"8|READ", 9},
                 {"16", 16},
                 {"1<<31", 0x80000000},
                 {"1<<32", 1ull << 32},
                 {"1<<32|RW", 1ull << 32 | 3},
                 {"~0", ~0ull}};
    static const char* const caching[] = {[UNCACHED] = "uncached", [CACHED] = "cached"};
    for (int cached = UNCACHED; cached <= CACHED; ++cached) {
        const int fd = need_buffer(69632, mask_of(role), (uint32_t)cached);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
            TRY(text("%s.flags(%s)", caching[cached], cases[i].name), "in this order",
                sync_buffer(fd, cases[i].flags));
        }
        close(fd);
    }
}

static void unbalanced(const struct role* role) {
    int fd = need_buffer(PAGE, mask_of(role), UNCACHED);
    TRY("end_first", "RW|END with no START", sync_buffer(fd, RW_END));
    TRY("end_twice", "RW|END again", sync_buffer(fd, RW_END));
    for (int i = 1; i <= 5; ++i) {
        TRY(text("start_%d", i), "RW|START after 2 unbalanced ENDs, nested", sync_buffer(fd, RW_START));
    }
    TRY("end_other_direction", "WRITE|END after RW|START",
        sync_buffer(fd, DMA_BUF_SYNC_WRITE | DMA_BUF_SYNC_END));
    close(fd);

    fd = need_buffer(PAGE, mask_of(role), UNCACHED);
    int failures = 0;
    for (int i = 0; i < 1000; ++i) {
        failures += sync_buffer(fd, RW_START) != 0;
    }
    observe("start_1000_never_end", "1000 x RW|START, then close", "failures=%d", failures);
    close(fd);
}

static void arguments_and_neighbours(int fd) {
    struct dma_buf_sync sync = {RW_START};
    TRY("null", "NULL", ion_ioctl(fd, DMA_BUF_IOCTL_SYNC, NULL));
    TRY("unmapped", "unmapped", ion_ioctl(fd, DMA_BUF_IOCTL_SYNC, unmapped_address()));
    struct dma_buf_sync* page = pages(1, PROT_READ | PROT_WRITE);
    *page = sync;
    mprotect(page, PAGE, PROT_READ);
    TRY("readonly_arg", "PROT_READ page", ion_ioctl(fd, DMA_BUF_IOCTL_SYNC, page));
    static const struct {
        const char *name, *inputs;
        unsigned long command;
    } commands[] = {
        {"cmd_size4", "_IOW('b',0,4)", _IOC(_IOC_WRITE, 'b', 0, 4)},
        {"cmd_size16", "_IOW('b',0,16)", _IOC(_IOC_WRITE, 'b', 0, 16)},
        {"cmd_rw", "_IOWR('b',0,8)", _IOC(_IOC_READ | _IOC_WRITE, 'b', 0, 8)},
        {"export_sync_file", "_IOWR('b',2,8)", _IOC(_IOC_READ | _IOC_WRITE, 'b', 2, 8)},
        {"import_sync_file", "_IOW('b',3,8)", _IOC(_IOC_WRITE, 'b', 3, 8)},
        {"nr4", "_IOW('b',4,8)", _IOC(_IOC_WRITE, 'b', 4, 8)},
        {"cmd_0", "0", 0},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; ++i) {
        TRY(commands[i].name, commands[i].inputs, ion_ioctl(fd, commands[i].command, &sync));
    }
}

static int end_sync(void* fd) {
    return sync_buffer(*(int*)fd, RW_END) != 0 ? errno : 0;
}

/// The name as /proc shows it, with newlines as '~'.
static const char* name_in_proc(int fd) {
    static char link[128];
    const ssize_t length = readlink(text("/proc/self/fd/%d", fd), link, sizeof link - 1);
    link[length > 0 ? length : 0] = '\0';
    for (char* newline = link; (newline = strchr(newline, '\n')) != NULL;) {
        *newline = '~';
    }
    return link;
}

static void names(int fd) {
    static const struct {
        const char *name, *value;
    } cases[] = {{"set", "camera"},
                 {"empty", ""},
                 {"len31", "0123456789012345678901234567890"},
                 {"len32", "01234567890123456789012345678901"},
                 {"long", "0123456789012345678901234567890123456789"},
                 {"slash_newline", "a/b\nc"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        const struct outcome outcome = CALL(ion_ioctl(fd, DMA_BUF_SET_NAME, (void*)cases[i].value));
        report(cases[i].name, text("%zu chars", strlen(cases[i].value)), outcome, "link=%s",
               name_in_proc(fd));
    }
    TRY("null", "NULL", ion_ioctl(fd, DMA_BUF_SET_NAME, NULL));
    TRY("unmapped", "unmapped", ion_ioctl(fd, DMA_BUF_SET_NAME, unmapped_address()));
    char value[] = "cccccccccccccccccc";
    TRY("cmd_A", "_IOW('b',1,4)", ion_ioctl(fd, _IOC(_IOC_WRITE, 'b', 1, 4), value));
    TRY("cmd_B", "_IOW('b',1,8)", ion_ioctl(fd, _IOC(_IOC_WRITE, 'b', 1, 8), value));
    TRY("cmd_size16", "_IOW('b',1,16)", ion_ioctl(fd, _IOC(_IOC_WRITE, 'b', 1, 16), value));
}

void group_sync(const struct role* role) {
    set_prefix("sync.%s", role->name);
    flags(role);
    unbalanced(role);
    int fd = need_buffer(PAGE, mask_of(role), UNCACHED);
    arguments_and_neighbours(fd);
    const int copy = dup(fd);
    fcntl(copy, F_SETFL, O_NONBLOCK);
    TRY("nonblock", "O_NONBLOCK fd", sync_buffer(copy, RW_START));
    report_child("end_in_child", "START here, END in a child", in_child(end_sync, &fd), "");
    set_prefix("name.%s", role->name);
    names(fd);
}
