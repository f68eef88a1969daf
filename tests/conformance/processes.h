// SPDX-License-Identifier: Apache-2.0
//
// Children, descriptors between processes, and small files: what cases about sharing and limits are made of.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// Runs `work` in a forked child, whose exit status is what it returns; "N", or "signalN".
const char* in_child(int (*work)(void*), void* argument);

/// Waits for a child: its exit status, or 128 + its signal.
int wait_for(pid_t child);

/// A row whose result is 0, or -1 with the errno that a child ended with.
void report_child(const char* name, const char* inputs, const char* status, const char* outputs);

/// Passes a descriptor through a socket: 1, or -1 with errno.
long send_fd(int socket, int fd);

/// Takes one out of a socket with recvmsg()'s `flags`; -1 when there is none.
int receive_fd(int socket, int flags);

/// Number of open descriptors of this process.
int open_fds(void);

/// The number that the next descriptor gets.
int lowest_free_fd(void);

/// Beginning of a file, as a string. False when it cannot be read.
bool read_text(const char* path, char* content, size_t size);

/// Writes a string by one write(2).
bool write_text(const char* path, const char* content);
