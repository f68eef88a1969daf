// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char prefix[64];

void set_prefix(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
}

static void print_row(const char* name, const char* inputs, const char* result, int error,
                      const char* outputs, va_list arguments) {
    printf("%s%s%s\t%s\t%s\t%s\t", prefix, prefix[0] != '\0' ? "." : "", name,
           inputs != NULL && inputs[0] != '\0' ? inputs : "-", result,
           error != 0 ? strerrorname_np(error) : "-");
    if (vprintf(outputs, arguments) == 0) {
        putchar('-');
    }
    putchar('\n');
    fflush(stdout);  // what a crash may follow is already said
}

void row(const char* name, const char* inputs, const char* result, int error, const char* outputs, ...) {
    va_list arguments;
    va_start(arguments, outputs);
    print_row(name, inputs, result, error, outputs, arguments);
    va_end(arguments);
}

void report(const char* name, const char* inputs, struct outcome outcome, const char* outputs, ...) {
    va_list arguments;
    va_start(arguments, outputs);
    print_row(name, inputs, text("%ld", outcome.value), outcome.error, outputs, arguments);
    va_end(arguments);
}

void report_as(const char* name, const char* inputs, struct outcome outcome, const char* word,
               const char* outputs, ...) {
    va_list arguments;
    va_start(arguments, outputs);
    print_row(name, inputs, outcome.value == -1 ? "-1" : word, outcome.error, outputs, arguments);
    va_end(arguments);
}

void observe(const char* name, const char* inputs, const char* outputs, ...) {
    va_list arguments;
    va_start(arguments, outputs);
    print_row(name, inputs, "-", 0, outputs, arguments);
    va_end(arguments);
}

void skip(const char* name, const char* reason) {
    row(name, NULL, "SKIP", 0, "%s", reason);
}

const char* text(const char* format, ...) {
    static char strings[16][512];
    static unsigned next;
    char* string = strings[next++ % 16];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(string, sizeof strings[0], format, arguments);
    va_end(arguments);
    return string;
}
