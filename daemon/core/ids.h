// SPDX-License-Identifier: Apache-2.0
//
// The names of things in the model, as distinct types. None is ever reused while a worker's state lives.

#pragma once

#include <cstdint>

#include "daemon/base/strong_id.h"

namespace ion {

/// One open file of the device; also the file handle that the kernel gives back with each request.
using ClientId = StrongId<struct ClientIdTag, std::uint64_t>;
using BufferId = StrongId<struct BufferIdTag, std::uint64_t>;
/// A client's own number for a buffer: lowest free, from 1; 0 is invalid. Fits in 31 bits.
using HandleId = StrongId<struct HandleIdTag, std::uint32_t>;
/// Bit number in a caller's heap mask, 0..31.
using HeapId = StrongId<struct HeapIdTag, std::uint32_t>;

}  // namespace ion
