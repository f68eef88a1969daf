// SPDX-License-Identifier: Apache-2.0
//
// Every call that takes a descriptor, on an open file of the device: it is no file to read, map or poll.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "groups.h"
#include "report.h"

static void read_and_seek(int fd) {
    char bytes[64] = {0};
    const struct iovec piece = {bytes, 4};
    TRY("read_1", "n=1", read(fd, bytes, 1));
    TRY("read_0", "n=0", read(fd, bytes, 0));
    TRY("read_null", "buf=NULL n=1", syscall(SYS_read, fd, NULL, 1));
    TRY("write_1", "n=1", write(fd, bytes, 1));
    TRY("write_0", "n=0", write(fd, bytes, 0));
    TRY("pread", "n=1 off=0", pread(fd, bytes, 1, 0));
    TRY("pread_neg", "n=1 off=-1", pread(fd, bytes, 1, -1));
    TRY("pwrite", "n=1 off=0", pwrite(fd, bytes, 1, 0));
    TRY("readv", "1 vec", readv(fd, &piece, 1));
    TRY("writev", "1 vec", writev(fd, &piece, 1));
    TRY("lseek_set0", "0,SEEK_SET", lseek(fd, 0, SEEK_SET));
    TRY("lseek_cur0", "0,SEEK_CUR", lseek(fd, 0, SEEK_CUR));
    TRY("lseek_end0", "0,SEEK_END", lseek(fd, 0, SEEK_END));
    TRY("lseek_bad", "0,99", lseek(fd, 0, 99));
}

static void map(int fd) {
    static const struct {
        const char* name;
        int protection, flags;
    } kinds[] = {{"mmap_shared_r", PROT_READ, MAP_SHARED},
                 {"mmap_shared_rw", PROT_READ | PROT_WRITE, MAP_SHARED},
                 {"mmap_private_r", PROT_READ, MAP_PRIVATE},
                 {"mmap_private_rw", PROT_READ | PROT_WRITE, MAP_PRIVATE},
                 {"mmap_shared_none", PROT_NONE, MAP_SHARED}};
    for (int i = 0; i < 5; ++i) {
        const struct outcome mapped = CALL(mmap(NULL, PAGE, kinds[i].protection, kinds[i].flags, fd, 0));
        report_as(kinds[i].name, "len=4096 off=0", mapped, "addr", "%s", "");
        if (mapped.error == 0) {
            munmap((void*)mapped.value, PAGE);
        }
    }
}

static void wait_for_events(int fd) {
    struct pollfd all = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM, 0};
    struct outcome polled = CALL(poll(&all, 1, 0));
    report("poll", "IN|OUT|PRI|RDNORM|WRNORM timeout=0", polled, "revents=0x%x", (unsigned)all.revents);
    struct pollfd none = {fd, 0, 0};
    polled = CALL(poll(&none, 1, 0));
    report("poll_0", "events=0", polled, "revents=0x%x", (unsigned)none.revents);

    fd_set readable;
    fd_set writable;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(fd, &readable);
    FD_SET(fd, &writable);
    struct timeval at_once = {0};
    TRY("select", "r,w", select(fd + 1, &readable, &writable, NULL, &at_once));
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    TRY("epoll_add", "EPOLLIN", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    close(epoll);
}

static void change_content(int fd) {
    TRY("fsync", NULL, fsync(fd));
    TRY("fdatasync", NULL, fdatasync(fd));
    TRY("ftruncate_0", "0", ftruncate(fd, 0));
    TRY("ftruncate_4096", "4096", ftruncate(fd, 4096));
    TRY("fallocate", "0,0,4096", fallocate(fd, 0, 0, 4096));
    TRY("fadvise", "WILLNEED", (errno = posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED)) != 0 ? -1 : 0);
    TRY("readahead", "0,4096", readahead(fd, 0, 4096));
}

static void lock_and_set(int fd, int access_mode) {
    TRY("flock", "LOCK_EX", flock(fd, LOCK_EX | LOCK_NB));
    struct flock lock = {.l_type = access_mode == O_WRONLY ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};
    TRY("setlk", "whole file", fcntl(fd, F_SETLK, &lock));
    TRY("setlease", "F_RDLCK", fcntl(fd, F_SETLEASE, F_RDLCK));
    TRY("getfd", "opened O_CLOEXEC", fcntl(fd, F_GETFD));
    const struct outcome flags = CALL(fcntl(fd, F_GETFL));
    row("getfl", NULL, text("0x%lx", (unsigned long)flags.value), flags.error, "%s", "");
    TRY("setfl_nonblock", "O_NONBLOCK", fcntl(fd, F_SETFL, O_NONBLOCK));
    TRY("setfl_direct", "O_DIRECT", fcntl(fd, F_SETFL, O_DIRECT));
    TRY("setfl_async", "O_ASYNC", fcntl(fd, F_SETFL, O_ASYNC));
    TRY("get_seals", NULL, fcntl(fd, F_GET_SEALS));
    TRY("add_seals", "F_SEAL_GROW", fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    TRY("setpipe_sz", "65536", fcntl(fd, F_SETPIPE_SZ, 65536));
}

static void move_data(int fd) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return;
    }
    TRY("sendfile_from", "n=1", sendfile(ends[1], fd, NULL, 1));
    TRY("splice_from", "n=1", splice(fd, NULL, ends[1], NULL, 1, SPLICE_F_NONBLOCK));
    if (write(ends[1], "x", 1) == 1) {
        TRY("splice_to", "n=1", splice(ends[0], NULL, fd, NULL, 1, SPLICE_F_NONBLOCK));
    }
    close(ends[0]);
    close(ends[1]);
}

static void foreign_ioctls(int fd) {
    int on = 1;
    int value = 0;
    uint64_t wide = 0;
    struct termios terminal;
    TRY("FIONBIO", "1", ion_ioctl(fd, FIONBIO, &on));
    TRY("FIOASYNC", "1", ion_ioctl(fd, FIOASYNC, &on));
    TRY("FIOCLEX", NULL, ion_ioctl(fd, FIOCLEX, NULL));
    TRY("FIONCLEX", NULL, ion_ioctl(fd, FIONCLEX, NULL));
    TRY("FIONREAD", NULL, ion_ioctl(fd, FIONREAD, &value));
    TRY("FIOQSIZE", NULL, ion_ioctl(fd, FIOQSIZE, &wide));
    const struct outcome block = CALL(ion_ioctl(fd, FIGETBSZ, &value));
    report("FIGETBSZ", NULL, block, "val=%d", value);
    TRY("FIBMAP", NULL, ion_ioctl(fd, FIBMAP, &value));
    TRY("TCGETS", NULL, ion_ioctl(fd, TCGETS, &terminal));
    TRY("BLKGETSIZE64", NULL, ion_ioctl(fd, BLKGETSIZE64, &wide));
    struct dma_buf_sync sync = {DMA_BUF_SYNC_RW};
    char name[] = "x-------";
    TRY("DMA_BUF_SYNC", "flags=RW|START", ion_ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync));
    TRY("DMA_BUF_SYNC_null", "NULL", ion_ioctl(fd, DMA_BUF_IOCTL_SYNC, NULL));
    TRY("DMA_BUF_SET_NAME", "x", ion_ioctl(fd, DMA_BUF_SET_NAME, name));
}

void device_file_cases(int fd, int access_mode) {
    read_and_seek(fd);
    map(fd);
    wait_for_events(fd);
    change_content(fd);
    lock_and_set(fd, access_mode);
    move_data(fd);
    foreign_ioctls(fd);
}
