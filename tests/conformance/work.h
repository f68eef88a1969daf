// SPDX-License-Identifier: Apache-2.0
//
// What children do with a buffer; each returns its exit status: 0, an errno of ALLOC, or a number from 10 on that says
// what went wrong.

#pragma once

enum {
    BUFFER = 65536,  // bytes
    MARK = 0x42,     // content that the parent put there
    BY_FD = 0x43,    // what use_buffer() writes
    BY_MAPPING = 0x44
};

struct buffer {
    int fd;                ///< -1: none
    unsigned char* bytes;  ///< a mapping that was inherited; NULL: none
};

/// Finds MARK at 5 through the descriptor and the mapping, and writes to 6 and 7.
int use_buffer(void* buffer);

/// Allocates BUFFER bytes, maps and fills them with MARK. `fd`, if not NULL, gets the descriptor.
int allocate_and_fill(void* fd);

/// The same as user and group 65534, with an open device from before.
int allocate_as_nobody(void* nothing);
