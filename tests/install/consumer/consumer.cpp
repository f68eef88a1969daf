// SPDX-License-Identifier: Apache-2.0
//
// Exit status 0: <ion/ion.hpp> and libion are there, and no device is.

#include <cerrno>
#include <ion/ion.hpp>

int main() {
    try {
        const ion::Device device("/nowhere");
    } catch (const std::system_error& error) {
        return error.code().value() == ENOENT ? 0 : 1;
    }
    return 1;
}
