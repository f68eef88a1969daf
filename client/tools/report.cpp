// SPDX-License-Identifier: Apache-2.0

#include "client/tools/report.h"

#include <cstdio>

#include "client/tools/subcommand.h"

int exit_status(const ion::Error& error) {
    switch (error.code) {
        case ENOTCONN:
        case ECONNREFUSED:
            return kNotReachable;
        case EACCES:
        case EPERM:
            return kRefused;
        case ENOENT:
            return kNotFound;
        default:
            return kFailed;
    }
}

int report(const ion::Error& error) {
    std::fprintf(stderr, "ionctl: %s\n", error.context.c_str());
    return exit_status(error);
}

int print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
        std::perror("ionctl: cannot write");
        return kFailed;
    }
    return kDone;
}

int print(const ion::Result<std::string>& text) {
    return text ? print(*text) : report(text.error());
}
