// SPDX-License-Identifier: Apache-2.0
//
// What the semantics_* programs share: one call of the device by the way into the kernel that the program is built
// for, and one line on standard output for what came of it, "NAME RESULT [OUTPUTS]" with RESULT "ok" or an errno.
//
// Arguments lie below 4 GiB, where `int 0x80` reaches; a `word` is as wide as the pointers of the caller's ABI.

#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(INT80) || __SIZEOF_POINTER__ == 4
typedef uint32_t word;
#define LOW MAP_32BIT
#else
typedef uint64_t word;
#define LOW 0
#endif
#if __SIZEOF_POINTER__ == 4
#undef LOW
#define LOW 0
#endif

enum { PAGE = 4096, SENTINEL = 0x5a5a };

static int device = -1;

/// Ends the program when what a test stands on, not what it tests, fails.
#define NEED(condition)                                                                          \
    do {                                                                                         \
        if (!(condition)) {                                                                      \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, strerror(errno)); \
            exit(1);                                                                             \
        }                                                                                        \
    } while (0)

static inline char* low_pages(int count, int protection) {
    char* pages = mmap(NULL, (size_t)count * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS | LOW, -1, 0);
    NEED(pages != MAP_FAILED);
    return pages;
}

/// A copy of `size` bytes where every way into the kernel reaches them.
static inline void* low_copy(const void* bytes, size_t size) {
    static char* page;
    static size_t used;
    if (page == NULL || used + size > PAGE) {
        page = low_pages(1, PROT_READ | PROT_WRITE);
        used = 0;
    }
    void* copy = memcpy(page + used, bytes, size);
    used += (size + 15) / 16 * 16;
    return copy;
}
#define ARG(type, ...) ((type*)low_copy(&(type){__VA_ARGS__}, sizeof(type)))

static inline word address_of(const void* pointer) {
    return (word)(uintptr_t)pointer;
}

static inline int call_on(int fd, unsigned long command, void* argument) {
#ifdef INT80
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(54L), "b"((long)fd), "c"(command), "d"(argument)
                     : "memory", "r8", "r9", "r10", "r11");
    errno = result < 0 ? (int)-result : errno;
    return result < 0 ? -1 : (int)result;
#else
    return ioctl(fd, command, argument);
#endif
}
static inline int call(unsigned long command, void* argument) {
    return call_on(device, command, argument);
}

/// Prints the line of a case; `result` as from call().
__attribute__((format(printf, 3, 4))) static inline void line(const char* name, int result,
                                                              const char* format, ...) {
    char outputs[256];
    const char* outcome = result == 0 ? "ok" : result < 0 ? strerrorname_np(errno) : "positive";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(outputs, sizeof outputs, format, arguments);
    va_end(arguments);
    printf("%s %s%s%s", name, outcome, *outputs == '\0' ? "" : " ", outputs);
    putchar('\n');
    fflush(stdout);
}

static inline int open_device(const char* path) {
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    NEED(fd >= 0);
    return fd;
}

/// The number that the next descriptor must get.
static inline int lowest_free(void) {
    const int fd = fcntl(device, F_DUPFD_CLOEXEC, 0);
    NEED(fd >= 0);
    close(fd);
    return fd;
}

static inline uint32_t* map_words(int fd, size_t size) {
    uint32_t* words = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | LOW, fd, 0);
    NEED(words != MAP_FAILED);
    return words;
}

/// The first word of a buffer.
static inline uint32_t peek(int fd) {
    uint32_t* words = map_words(fd, PAGE);
    const uint32_t value = words[0];
    munmap(words, PAGE);
    return value;
}

static inline void poke(int fd, uint32_t value) {
    uint32_t* words = map_words(fd, PAGE);
    words[0] = value;
    munmap(words, PAGE);
}

static inline void wait_for_line(void) {
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n') {
    }
}
