// SPDX-License-Identifier: Apache-2.0
//
// Memory of the program to aim calls at, and what touching memory does.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Pages with `protection` between two that cannot be touched.
void* pages(int count, int protection);

/// An address where nothing is mapped.
void* unmapped_address(void);

/// A shared mapping of all of a buffer, readable and writable; MAP_FAILED with errno.
void* map_shared(int fd, size_t size);

/// Reads ('r'), writes ('w') or calls ('x') the byte: "ok", or the signal that came of it with its code.
const char* touch(void* address, char how);

bool all_zero(const void* bytes, size_t size);

/// Half of the machine's pages, in bytes: no buffer of the system heap may have more.
uint64_t half_of_memory(void);
