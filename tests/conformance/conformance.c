// SPDX-License-Identifier: Apache-2.0
//
// What an ION device and its buffers answer, one row for each case (report.h). docs/conformance.md says how its rows
// are compared with those of Linux 5.10's driver. Run it as root, while nobody else uses the device.
//
//   conformance [--device PATH] [--usage DIRECTORY] [--only GROUP] [--heap ROLE=ID]...

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "groups.h"
#include "report.h"

struct group {
    const char* name;
    void (*run)(const struct role* role);
};

/// A group that takes longer hangs: far beyond what an emulated machine needs.
enum { SECONDS_FOR_A_GROUP = 600 };

static const char* only = "";

static void run_group(const char* name, const struct group* group, const struct role* role) {
    if (strncmp(name, only, strlen(only)) != 0) {
        return;
    }
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(SECONDS_FOR_A_GROUP);
        device.fd = open(device.path, O_RDONLY | O_CLOEXEC);
        group->run(role);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    const bool completed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    set_prefix("group");
    row(name, NULL,
        WIFEXITED(status) ? text("exit%d", WEXITSTATUS(status)) : text("signal%d", WTERMSIG(status)), 0, "%s",
        completed ? "completed" : "CUT SHORT");
}

static void run_all(void) {
    static const struct group first[] = {{"dev", group_dev},
                                         {"query", group_query},
                                         {"alloc", group_alloc},
                                         {"ptr", group_ptr},
                                         {"cmd", group_cmd}};
    static const struct group for_each_role[] = {
        {"buf", group_buf}, {"sync", group_sync}, {"mmap", group_mmap}};
    static const struct group last[] = {{"share", group_share},
                                        {"limits", group_limits},
                                        {"stress", group_stress},
                                        {"prio", group_prio},
                                        {"half", group_half}};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; ++i) {
        run_group(first[i].name, &first[i], NULL);
    }
    for (const struct role* role = roles; role < roles + ROLES; ++role) {
        for (size_t i = 0; role->id >= 0 && i < sizeof for_each_role / sizeof for_each_role[0]; ++i) {
            char name[64];
            snprintf(name, sizeof name, "%s.%s", for_each_role[i].name, role->name);
            run_group(name, &for_each_role[i], role);
        }
    }
    for (size_t i = 0; i < sizeof last / sizeof last[0]; ++i) {
        run_group(last[i].name, &last[i], NULL);
    }
}

/// ROLE=ID: the role's heap, whatever its type.
static bool assign_heap(const char* assignment) {
    for (struct role* role = roles; role < roles + ROLES; ++role) {
        const size_t length = strlen(role->name);
        if (strncmp(assignment, role->name, length) == 0 && assignment[length] == '=') {
            role->id = atoi(assignment + length + 1);
            return role->id >= 0 && role->id < 32;
        }
    }
    return false;
}

/// What share.exec_* run: tells by its status whether the descriptor came along.
static int probe_fd(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return 1;
    }
    return status.st_size == 64 * KIB ? 0 : 2;
}

static int misuse(void) {
    fprintf(stderr,
            "usage: conformance [--device PATH] [--usage DIRECTORY] [--only GROUP] [--heap ROLE=ID]...\n"
            "roles: system, contig, dma; by default the first heap of type 0, 1 and 4\n");
    return 2;
}

int main(int count, char** words) {
    if (count == 3 && strcmp(words[1], "--probe-fd") == 0) {
        return probe_fd(atoi(words[2]));
    }
    for (int i = 1; i < count; i += 2) {
        const char* value = i + 1 < count ? words[i + 1] : NULL;
        if (value == NULL) {
            return misuse();
        }
        if (strcmp(words[i], "--device") == 0) {
            device.path = value;
        } else if (strcmp(words[i], "--usage") == 0) {
            device.usage = value;
        } else if (strcmp(words[i], "--only") == 0) {
            only = value;
        } else if (strcmp(words[i], "--heap") != 0 || !assign_heap(value)) {
            return misuse();
        }
    }
    if (!find_device()) {
        return 2;
    }
    printf("case\tinputs\tret\terrno\toutputs\n");
    run_all();
    return 0;
}
