// SPDX-License-Identifier: Apache-2.0
//
// The blitter's CUSTOM command, for programs in C and for the driver.

#pragma once

#include <stdint.h>

/// Inner number of the CUSTOM command that copies between two buffers.
#define BLIT_COPY 0xB1170001U

/// Largest length of one copy; a larger one takes several calls.
#define BLIT_MAX_LENGTH (4U << 20)

/// Fixed width: one layout for 32- and 64-bit programs. Bytes.
struct blit_copy {
    uint32_t source;       ///< handles of the calling client
    uint32_t destination;  //
    uint64_t source_offset;
    uint64_t destination_offset;
    uint64_t length;
    uint64_t pieces;  ///< out: runs of addresses that the copy was made of
};
