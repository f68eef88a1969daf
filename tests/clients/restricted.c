// SPDX-License-Identifier: Apache-2.0
//
// Programs into which a descriptor is not easily put.
//
//   restricted DEVICE confined    under a filter that kills for every call but those that it makes itself
//   restricted DEVICE traced      with a debugger attached

#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#include "semantics.h"

struct alloc_c {
    uint64_t len;
    uint32_t heap_mask, flags, fd, unused;
};
#define ALLOC_C _IOWR('I', 0, struct alloc_c)

static void alloc(const char* name) {
    struct alloc_c data = {.len = PAGE, .heap_mask = 1, .fd = SENTINEL};
    const int result = call(ALLOC_C, &data);
    line(name, result, "fd=%s", data.fd == SENTINEL ? "untouched" : "set");
}

static void confine(void) {
#define ALLOW(number) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_ioctl),
        ALLOW(SYS_write),
        ALLOW(SYS_exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog filter = {sizeof program / sizeof *program, program};
    NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

static void be_traced(void) {
    const pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        NEED(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
        raise(SIGSTOP);
        alloc("traced");
        alloc("traced_again");
        _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        ptrace(PTRACE_CONT, child, NULL, NULL);
    }
    NEED(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char** argv) {
    NEED(argc == 3);
    device = open_device(argv[1]);
    setvbuf(stdout, NULL, _IOFBF, 4096);
    line("starts", 0, "%s", "");
    if (!strcmp(argv[2], "confined")) {
        confine();
        alloc("confined");
        alloc("confined_again");
    } else {
        be_traced();
        alloc("free_of_debugger");
    }
    return 0;
}
