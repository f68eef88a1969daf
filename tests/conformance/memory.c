// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "memory.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include "device.h"
#include "report.h"

void* pages(int count, int protection) {
    char* area = mmap(NULL, (size_t)(count + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED || mprotect(area + PAGE, (size_t)count * PAGE, protection) != 0) {
        abort();
    }
    return area + PAGE;
}

void* unmapped_address(void) {
    char* area = mmap(NULL, 2 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED || munmap(area, 2 * MIB) != 0) {
        abort();
    }
    return area + MIB;
}

void* map_shared(int fd, size_t size) {
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

static sigjmp_buf after_fault;
static volatile int fault_signal;
static volatile int fault_code;

static void on_fault(int signal, siginfo_t* info, void* context) {
    (void)context;
    fault_signal = signal;
    fault_code = info->si_code;
    siglongjmp(after_fault, 1);
}

static const char* fault_name(void) {
    if (fault_signal == SIGSEGV && fault_code == SEGV_MAPERR) {
        return "SIGSEGV/MAPERR";
    }
    if (fault_signal == SIGSEGV && fault_code == SEGV_ACCERR) {
        return "SIGSEGV/ACCERR";
    }
    if (fault_signal == SIGBUS && fault_code == BUS_ADRERR) {
        return "SIGBUS/ADRERR";
    }
    return text("signal%d/%d", fault_signal, fault_code);
}

const char* touch(void* address, char how) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL};
    struct sigaction former[3];
    const struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    for (int i = 0; i < 3; ++i) {
        sigaction(signals[i], &action, &former[i]);
    }
    const char* result = "ok";
    if (sigsetjmp(after_fault, 1) != 0) {
        result = fault_name();
    } else if (how == 'r') {
        (void)*(volatile unsigned char*)address;
    } else if (how == 'w') {
        *(volatile unsigned char*)address = 0x5a;
    } else {
        ((void (*)(void))(uintptr_t)address)();
    }
    for (int i = 0; i < 3; ++i) {
        sigaction(signals[i], &former[i], NULL);
    }
    return result;
}

bool all_zero(const void* bytes, size_t size) {
    for (const unsigned char* byte = bytes; size > 0; --size) {
        if (*byte++ != 0) {
            return false;
        }
    }
    return true;
}

uint64_t half_of_memory(void) {
    struct sysinfo info;
    sysinfo(&info);
    return (uint64_t)info.totalram * info.mem_unit / PAGE / 2 * PAGE;
}
