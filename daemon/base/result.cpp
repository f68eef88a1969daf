// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/result.h"

#include <system_error>

namespace ion {

Error fail_errno(int errno_value, std::string_view what) {
    return Error{errno_value, std::string(what) + ": " + std::generic_category().message(errno_value)};
}

}  // namespace ion
