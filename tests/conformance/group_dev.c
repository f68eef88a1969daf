// SPDX-License-Identifier: Apache-2.0
//
// The device node: how it can be opened, and what holds for an open file whatever it was opened for.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "groups.h"
#include "memory.h"
#include "report.h"

#define MODE(flags) \
    { #flags, flags }
static const struct {
    const char* name;
    int flags;
} modes[] = {
    MODE(O_RDONLY),
    MODE(O_WRONLY),
    MODE(O_RDWR),
    {"O_ACCMODE3", O_ACCMODE},
    MODE(O_PATH),
    {"O_RDONLY|O_NONBLOCK", O_RDONLY | O_NONBLOCK},
    {"O_RDWR|O_APPEND", O_RDWR | O_APPEND},
    {"O_RDWR|O_TRUNC", O_RDWR | O_TRUNC},
    {"O_RDWR|O_SYNC", O_RDWR | O_SYNC},
    {"O_RDWR|O_DIRECT", O_RDWR | O_DIRECT},
    {"O_RDONLY|O_DIRECTORY", O_RDONLY | O_DIRECTORY},
    {"O_RDWR|O_CREAT", O_RDWR | O_CREAT},
    {"O_RDWR|O_CREAT|O_EXCL", O_RDWR | O_CREAT | O_EXCL},
    {"O_RDONLY|O_NOFOLLOW", O_RDONLY | O_NOFOLLOW},
    {"O_RDWR|O_NOATIME", O_RDWR | O_NOATIME},
    {"O_RDWR|O_ASYNC", O_RDWR | O_ASYNC},
};

/// Opens the node in one mode and asks two things of the open file.
static void open_case(const char* name, int flags) {
    const struct outcome opened = CALL(open(device.path, flags | O_CLOEXEC, 0600));
    const int fd = (int)opened.value;
    if (fd < 0) {
        report_as(text("open.%s", name), NULL, opened, "fd", "%s", "");
        skip(text("query_on.%s", name), "not open");
        skip(text("alloc_on.%s", name), "not open");
        return;
    }
    report_as(text("open.%s", name), NULL, opened, "fd", "F_GETFL=0x%x", (unsigned)fcntl(fd, F_GETFL));

    struct heap_query query = {0};
    const struct outcome queried = CALL(ion_ioctl(fd, QUERY, &query));
    const char* count = text("cnt_is_heap_count=%s", yes(query.cnt == device.heap_count));
    report(text("query_on.%s", name), "cnt=0 heaps=0", queried, "%s", queried.error == 0 ? count : "");

    struct allocation data = {.len = PAGE, .heap_id_mask = system_mask()};
    const struct outcome allocated = CALL(ion_ioctl(fd, ALLOC, &data));
    report(text("alloc_on.%s", name), "len=4096 mask=system", allocated, "%s", "");
    if (allocated.error == 0) {
        close((int)data.fd);
    }
    close(fd);
}

static void descriptor_cases(void) {
    TRY("ioctl_fd_minus1", "fd=-1 ALLOC", ion_ioctl(-1, ALLOC, NULL));
    TRY("ioctl_closed_fd", "ALLOC", ion_ioctl(900, ALLOC, NULL));

    int first = open(device.path, O_RDONLY | O_CLOEXEC);
    const int second = dup(first);
    close(first);
    struct heap_query query = {0};
    TRY("dup_then_close_first", "QUERY on the dup", ion_ioctl(second, QUERY, &query));
    close(second);

    first = open(device.path, O_RDONLY | O_CLOEXEC);
    const struct outcome again = CALL(open(text("/proc/self/fd/%d", first), O_RDWR | O_CLOEXEC));
    report_as("reopen_via_proc", "O_RDWR", again, "fd", "%s", "");
    close((int)again.value);
    close(first);

    const int short_lived = open(device.path, O_RDONLY | O_CLOEXEC);
    struct allocation data = {.len = PAGE, .heap_id_mask = system_mask()};
    ion_ioctl(short_lived, ALLOC, &data);
    close(short_lived);
    const struct outcome mapped = CALL(map_shared((int)data.fd, PAGE));
    report_as("buffer_outlives_device_fd", "close the /dev/ion fd, then mmap", mapped, "addr", "write=%s",
              mapped.error != 0 ? "-" : touch((void*)mapped.value, 'w'));
}

void group_dev(const struct role* role) {
    (void)role;
    set_prefix("dev");
    struct stat status;
    stat(device.path, &status);
    // The kernel's table has the usual path; any other stands for it.
    row("stat", "/dev/ion", "0", 0, "type=%s major=%u mode=%04o size=%lld rdev_minor_fixed=no",
        S_ISCHR(status.st_mode) ? "chr" : "other", major(status.st_rdev), status.st_mode & 07777,
        (long long)status.st_size);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; ++i) {
        open_case(modes[i].name, modes[i].flags);
    }
    static const struct {
        const char* name;
        int mode;
    } access[] = {{"rdonly", O_RDONLY}, {"rdwr", O_RDWR}, {"wronly", O_WRONLY}};
    for (int i = 0; i < 3; ++i) {
        const int fd = open(device.path, access[i].mode | O_CLOEXEC);
        set_prefix("dev.%s", access[i].name);
        device_file_cases(fd, access[i].mode);
        close(fd);
    }
    set_prefix("dev");
    descriptor_cases();
}
