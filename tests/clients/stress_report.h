// SPDX-License-Identifier: Apache-2.0
//
// The memory that a client of the stress suite shares with the test: what it has done so far, also when it is
// killed. Alike for C and C++, 32 and 64 bits; every field is read and written by the functions at the end.

#pragma once

#include <stdint.h>  // NOLINT(modernize-deprecated-headers): C

/// How a descriptor arrives.
enum stress_way { STRESS_INJECTED, STRESS_BY_CHANNEL, STRESS_WAYS };

enum { STRESS_SAMPLES = 65536, STRESS_PHASES = 3 };

/// Where the report is in a client when it starts.
enum { STRESS_REPORT_FD = 3 };

struct stress_report {
    uint32_t allocations[STRESS_WAYS];  ///< that succeeded
    uint32_t refused;                   ///< EPERM, to a program under a seccomp filter
    uint32_t expired;                   ///< EIO, to a program that was frozen
    uint32_t passed_on;                 ///< descriptors that another process checked
    uint32_t in_call;                   ///< threads inside an allocation
    uint32_t stop;                      ///< set by the test: finish what never ends
    uint32_t phase;                     ///< set by the test: where samples go
    uint32_t samples[STRESS_PHASES][STRESS_WAYS];
    uint32_t nanoseconds[STRESS_PHASES][STRESS_WAYS][STRESS_SAMPLES];  ///< of the calls
};

static inline uint32_t stress_get(const uint32_t* field) {
    return __atomic_load_n(field, __ATOMIC_SEQ_CST);
}

static inline void stress_set(uint32_t* field, uint32_t value) {
    __atomic_store_n(field, value, __ATOMIC_SEQ_CST);
}

/// Returns the value before.
static inline uint32_t stress_add(uint32_t* field, uint32_t amount) {
    return __atomic_fetch_add(field, amount, __ATOMIC_SEQ_CST);
}
