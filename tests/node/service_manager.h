// SPDX-License-Identifier: Apache-2.0
//
// ServiceManager: what of a service manager a daemon deals with: the socket for its messages, and the store of descriptors
// that outlives its processes.

#pragma once

#include <sys/types.h>

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/unique_fd.h"

namespace ion::test {

class ServiceManager {
  public:
    /// Listens in `directory`.
    explicit ServiceManager(const std::string& directory);
    ~ServiceManager();
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    /// In the child that is to become a process of the service: gives it the environment, and all that is stored as the
    /// descriptors from 3 on.
    void become_service() const;

    /// Names in the store.
    [[nodiscard]] std::vector<std::string> stored() const;

    /// Closes what is stored.
    void stop_service();

  private:
    void listen();
    void take(const std::string& message, UniqueFd fd);

    std::string path_;
    UniqueFd socket_;
    UniqueFd end_in_;
    UniqueFd end_out_;
    mutable std::mutex mutex_;
    std::map<std::string, UniqueFd> store_;  // by name, under mutex_
    std::thread listener_;
};

}  // namespace ion::test
