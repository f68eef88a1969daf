// SPDX-License-Identifier: Apache-2.0
//
// The rows that the program prints: CASE, INPUTS, RESULT, ERRNO and OUTPUTS, separated by tabs, "-" for nothing.
// Nothing that differs from run to run (addresses, numbers of descriptors and inodes) belongs into a row.

#pragma once

#include <errno.h>
#include <stdbool.h>

/// What a system call returned; `error` is 0 when it succeeded.
struct outcome {
    long value;
    int error;
};

/// The outcome of a call that returns -1 and sets errno when it fails.
#define CALL(expression)                                            \
    ({                                                              \
        errno = 0;                                                  \
        const long call_value = (long)(expression);                 \
        (struct outcome){call_value, call_value == -1 ? errno : 0}; \
    })

#define FORMAT(string, first) __attribute__((format(printf, string, first)))

/// Everything before the case's own name in the rows that follow, without the dot.
void set_prefix(const char* format, ...) FORMAT(1, 2);

/// One row. `inputs` may be NULL; `outputs` is a format, and may be empty.
void row(const char* name, const char* inputs, const char* result, int error, const char* outputs, ...)
    FORMAT(5, 6);

/// The row of a call whose value is printed as it is.
void report(const char* name, const char* inputs, struct outcome outcome, const char* outputs, ...)
    FORMAT(4, 5);

/// The row of a call whose value varies: `word` stands for it when the call succeeded.
void report_as(const char* name, const char* inputs, struct outcome outcome, const char* word,
               const char* outputs, ...) FORMAT(5, 6);

/// The row of something observed, not returned.
void observe(const char* name, const char* inputs, const char* outputs, ...) FORMAT(3, 4);

/// The row of a case that this machine cannot show.
void skip(const char* name, const char* reason);

/// A call and its row, without outputs.
#define TRY(name, inputs, expression) report(name, inputs, CALL(expression), "%s", "")

/// A string that lives until fifteen others have been made.
const char* text(const char* format, ...) FORMAT(1, 2);

static inline const char* yes(bool condition) {
    return condition ? "yes" : "no";
}
