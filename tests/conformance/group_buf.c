// SPDX-License-Identifier: Apache-2.0
//
// A buffer's descriptor as a file: what it is, and every call that takes a descriptor.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#include "groups.h"
#include "processes.h"
#include "report.h"

enum { SIZE = 69632 };  // 17 pages: no power of two

static void report_flags(const char* name, int fd) {
    const struct outcome flags = CALL(fcntl(fd, F_GETFL));
    row(name, NULL, text("0x%lx", (unsigned long)flags.value), flags.error, "%s", "");
}

static void identity(const struct role* role, int fd) {
    TRY("getfd", NULL, fcntl(fd, F_GETFD));
    report_flags("getfl", fd);
    struct stat status;
    const struct outcome asked = CALL(fstat(fd, &status));
    report("fstat", "len=69632", asked,
           "mode=%06o size=%lld blocks=%lld blksize=%ld nlink=%lu uid=%u gid=%u rdev=%lu", status.st_mode,
           (long long)status.st_size, (long long)status.st_blocks, (long)status.st_blksize,
           (unsigned long)status.st_nlink, status.st_uid, status.st_gid, (unsigned long)status.st_rdev);
    struct stat other;
    const int second = need_buffer(SIZE, mask_of(role), UNCACHED);
    fstat(second, &other);
    observe("two_buffers", NULL, "same_dev=%s same_ino=%s", yes(status.st_dev == other.st_dev),
            yes(status.st_ino == other.st_ino));
    close(second);
    const int copy = dup(fd);
    fstat(copy, &other);
    observe("dup_stat", NULL, "same_dev=%s same_ino=%s cloexec=%d", yes(status.st_dev == other.st_dev),
            yes(status.st_ino == other.st_ino), fcntl(copy, F_GETFD));
    close(copy);
    struct statfs system;
    const struct outcome asked_system = CALL(fstatfs(fd, &system));
    report("fstatfs", NULL, asked_system, "type=0x%lx bsize=%ld", (long)system.f_type, (long)system.f_bsize);
    char link[256];
    const struct outcome read = CALL(readlink(text("/proc/self/fd/%d", fd), link, sizeof link - 1));
    link[read.value > 0 ? read.value : 0] = '\0';
    report_as("proc_link", "readlink /proc/self/fd/N", read, "n", "%s", link);
}

#define SEEK(offset, whence) \
    { #offset "," #whence, offset, SEEK_##whence }
static void seek(int fd) {
    static const struct {
        const char* name;
        off_t offset;
        int whence;
    } cases[] = {SEEK(0, END),   SEEK(0, SET),    SEEK(0, CUR),
                 SEEK(1, SET),   SEEK(4096, SET), {"size,SET", SIZE, SEEK_SET},
                 SEEK(-1, END),  SEEK(1, END),    SEEK(1, CUR),
                 SEEK(-1, SET),  SEEK(0, DATA),   SEEK(0, HOLE),
                 {"0,99", 0, 99}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        TRY(text("lseek(%s)", cases[i].name), "size=69632", lseek(fd, cases[i].offset, cases[i].whence));
    }
    lseek(fd, 0, SEEK_END);
    TRY("lseek_cur_after_end", "END then CUR", lseek(fd, 0, SEEK_CUR));
}

static void read_and_write(int fd) {
    char bytes[64] = {0};
    const struct iovec piece = {bytes, 4};
    TRY("read", "n=16", read(fd, bytes, 16));
    TRY("read_0", "n=0", read(fd, bytes, 0));
    TRY("write", "n=16", write(fd, bytes, 16));
    TRY("write_0", "n=0", write(fd, bytes, 0));
    TRY("pread", "n=16", pread(fd, bytes, 16, 0));
    TRY("pwrite", "n=16", pwrite(fd, bytes, 16, 0));
    TRY("readv", NULL, readv(fd, &piece, 1));
    TRY("writev", NULL, writev(fd, &piece, 1));
    int ends[2];
    const int file = memfd_create("file", MFD_CLOEXEC);
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0 || ftruncate(file, PAGE) != 0) {
        return;  // the rows are missed
    }
    TRY("sendfile_from", NULL, sendfile(file, fd, NULL, 16));
    TRY("sendfile_to", NULL, sendfile(fd, file, NULL, 16));
    TRY("splice_from", NULL, splice(fd, NULL, ends[1], NULL, 16, SPLICE_F_NONBLOCK));
    if (write(ends[1], "x", 1) == 1) {
        TRY("splice_to", NULL, splice(ends[0], NULL, fd, NULL, 1, SPLICE_F_NONBLOCK));
    }
    TRY("copy_file_range_from", NULL, copy_file_range(fd, NULL, file, NULL, 16, 0));
    TRY("copy_file_range_to", NULL, copy_file_range(file, NULL, fd, NULL, 16, 0));
    close(ends[0]);
    close(ends[1]);
    close(file);
}

static void resize_and_flush(int fd) {
    TRY("ftruncate_0", "0", ftruncate(fd, 0));
    TRY("ftruncate_same", "69632", ftruncate(fd, SIZE));
    TRY("ftruncate_grow", "1048576", ftruncate(fd, MIB));
    TRY("ftruncate_neg", "-1", ftruncate(fd, -1));
    TRY("fallocate", "0,0,4096", fallocate(fd, 0, 0, 4096));
    TRY("fallocate_punch", "PUNCH_HOLE|KEEP_SIZE",
        fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
    TRY("fsync", NULL, fsync(fd));
    TRY("fdatasync", NULL, fdatasync(fd));
    TRY("sync_file_range", NULL, sync_file_range(fd, 0, 0, 0));
    TRY("syncfs", NULL, syncfs(fd));
    TRY("fadvise", "WILLNEED", (errno = posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED)) != 0 ? -1 : 0);
    TRY("readahead", NULL, readahead(fd, 0, 4096));
}

static void lock_and_set(int fd) {
    TRY("get_seals", NULL, fcntl(fd, F_GET_SEALS));
    TRY("add_seals", "F_SEAL_SHRINK", fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    TRY("setlease", "F_RDLCK", fcntl(fd, F_SETLEASE, F_RDLCK));
    TRY("flock", "LOCK_EX|LOCK_NB", flock(fd, LOCK_EX | LOCK_NB));
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    TRY("setlk", "F_WRLCK", fcntl(fd, F_SETLK, &lock));
    TRY("setpipe_sz", NULL, fcntl(fd, F_SETPIPE_SZ, 65536));
    TRY("setfl_nonblock", "O_NONBLOCK", fcntl(fd, F_SETFL, O_NONBLOCK));
    report_flags("getfl_after", fd);
    TRY("setfl_append", "O_APPEND", fcntl(fd, F_SETFL, O_APPEND));
    TRY("setfl_direct", "O_DIRECT", fcntl(fd, F_SETFL, O_DIRECT));
    TRY("setfl_0", "0", fcntl(fd, F_SETFL, 0));
}

static void wait_for_events(int fd) {
    static const struct {
        const char* name;
        short events;
    } cases[] = {{"IN|OUT", POLLIN | POLLOUT},
                 {"IN", POLLIN},
                 {"OUT", POLLOUT},
                 {"0", 0},
                 {"PRI", POLLPRI},
                 {"RDNORM|WRNORM", POLLRDNORM | POLLWRNORM},
                 {"IN|PRI|RDHUP", POLLIN | POLLPRI | POLLRDHUP}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        struct pollfd waiting = {fd, cases[i].events, 0};
        const struct outcome polled = CALL(poll(&waiting, 1, 0));
        report(text("poll(%s)", cases[i].name), "timeout=0", polled, "revents=0x%x",
               (unsigned)waiting.revents);
    }
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT};
    struct epoll_event got = {0};
    TRY("epoll_add", "IN|OUT", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    const struct outcome waited = CALL(epoll_wait(epoll, &got, 1, 0));
    report("epoll_wait", "timeout=0", waited, "events=0x%x", got.events);
    close(epoll);
}

static void reopen(int fd) {
    static const struct {
        const char* name;
        int flags;
    } modes[] = {{"O_RDWR", O_RDWR}, {"O_RDONLY", O_RDONLY}, {"O_PATH", O_PATH}};
    for (int i = 0; i < 3; ++i) {
        const struct outcome opened = CALL(open(text("/proc/self/fd/%d", fd), modes[i].flags | O_CLOEXEC));
        report_as(text("reopen(%s)", modes[i].name), "open /proc/self/fd/N", opened, "fd", "%s", "");
        if (opened.error == 0) {
            close((int)opened.value);
        }
    }
}

static void foreign_ioctls(int fd) {
    int on = 1;
    int value = 0;
    uint64_t wide = 0;
    struct termios terminal;
    TRY("FIONREAD", NULL, ion_ioctl(fd, FIONREAD, &value));
    TRY("FIONBIO", "1", ion_ioctl(fd, FIONBIO, &on));
    TRY("FIOASYNC", "1", ion_ioctl(fd, FIOASYNC, &on));
    TRY("FIOQSIZE", NULL, ion_ioctl(fd, FIOQSIZE, &wide));
    const struct outcome block = CALL(ion_ioctl(fd, FIGETBSZ, &value));
    report("FIGETBSZ", NULL, block, "val=%d", value);
    TRY("TCGETS", NULL, ion_ioctl(fd, TCGETS, &terminal));
    TRY("FS_IOC_GETFLAGS", NULL, ion_ioctl(fd, FS_IOC_GETFLAGS, &wide));
}

static void attributes(int fd) {
    struct stat status;
    char bytes[8];
    char* words[] = {"x", NULL};
    char* environment[] = {NULL};
    TRY("fchmod", "0666", fchmod(fd, 0666));
    fstat(fd, &status);
    observe("fchmod_after", NULL, "mode=%06o", status.st_mode);
    TRY("fchown", "1,1", fchown(fd, 1, 1));
    TRY("fgetxattr", "user.x", fgetxattr(fd, "user.x", bytes, sizeof bytes));
    TRY("flistxattr", NULL, flistxattr(fd, bytes, 0));
    TRY("futimens", "NULL", futimens(fd, NULL));
    TRY("fchdir", NULL, fchdir(fd));
    TRY("linkat", "AT_EMPTY_PATH -> /tmp/x", linkat(fd, "", AT_FDCWD, "/tmp/conformance-x", AT_EMPTY_PATH));
    TRY("mmap_exec_fexecve", "fexecve", fexecve(fd, words, environment));
}

/// fdinfo without the lines that vary, in one line.
static const char* info_of(int fd) {
    static char line[512];
    char content[4096] = "";
    read_text(text("/proc/self/fdinfo/%d", fd), content, sizeof content);
    line[0] = '\0';
    char* rest = NULL;
    for (char* entry = strtok_r(content, "\n", &rest); entry != NULL; entry = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(entry, "mnt_id", 6) == 0 || strncmp(entry, "ino:", 4) == 0 ||
            strncmp(entry, "lock:", 5) == 0) {
            continue;
        }
        for (char* tab = entry; (tab = strchr(tab, '\t')) != NULL;) {
            *tab = ' ';
        }
        const size_t used = strlen(line);
        snprintf(line + used, sizeof line - used, "%s%s", used > 0 ? "; " : "", entry);
    }
    return line;
}

static void copies(int fd) {
    const struct outcome high = CALL(fcntl(fd, F_DUPFD, 100));
    report("dupfd_100", "F_DUPFD 100", high, "cloexec=%d", fcntl((int)high.value, F_GETFD));
    close((int)high.value);
    TRY("dup2_150", NULL, dup2(fd, 150));
    close(150);
    const int copy = dup(fd);
    observe("fdinfo", "2 fds of one buffer, after setfl/FIONBIO/flock", "%s", info_of(fd));
    close(copy);
    close(fd);
    struct stat status;
    TRY("use_after_close", "fstat", fstat(fd, &status));
}

void group_buf(const struct role* role) {
    set_prefix("buf.%s", role->name);
    const int fd = need_buffer(SIZE, mask_of(role), UNCACHED);
    identity(role, fd);
    seek(fd);
    read_and_write(fd);
    resize_and_flush(fd);
    lock_and_set(fd);
    wait_for_events(fd);
    reopen(fd);
    foreign_ioctls(fd);
    attributes(fd);
    copies(fd);
}
