// SPDX-License-Identifier: Apache-2.0
//
// The page that churn and its test share: how far the clients are, and what they are asked to do.

#pragma once

#ifdef __cplusplus
#include <cstdint>
using churn_counter = std::uint32_t;  // used by std::atomic_ref
#else
#include <stdatomic.h>
#include <stdint.h>
typedef _Atomic uint32_t churn_counter;
#endif

struct churn_page {
    churn_counter progress;  // calls of the device that were answered, over all clients; a futex
    churn_counter target;    // the call that wakes the test
    churn_counter stop;      // clients free everything and end
};
