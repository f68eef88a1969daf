// SPDX-License-Identifier: Apache-2.0

#include "plugins/plugin_guard.h"

#include "daemon/base/log.h"

namespace ion {

void PluginGuard::report(const char* operation, const char* what) {
    ++exceptions_;
    if (exceptions_ > kMaxExceptions) {
        ION_DEBUG("plugin", "{} of {} threw: {}", operation, who_, what);
        return;
    }
    ION_ERROR("plugin", "{} of {} threw: {}", operation, who_, what);
    if (disabled()) {
        ION_ERROR("plugin", "{} {}", who_, penalty_);
    }
}

}  // namespace ion
