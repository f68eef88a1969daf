// SPDX-License-Identifier: Apache-2.0

#include "tests/node/service_manager.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <sstream>

#include "daemon/base/fd_message.h"

namespace ion::test {
namespace {

constexpr int kFirstFd = 3;  // sd_listen_fds(3)

/// Above what is stored, so that to place one does not overwrite another.
constexpr int kHighFd = 500;

}  // namespace

ServiceManager::ServiceManager(const std::string& directory)
    : path_(directory + "/notify"), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    end_out_.reset(ends[0]);
    end_in_.reset(ends[1]);
    listener_ = std::thread([this] { listen(); });
}

ServiceManager::~ServiceManager() {
    end_in_.reset();
    listener_.join();
}

void ServiceManager::listen() {
    std::array<pollfd, 2> both{{{socket_.get(), POLLIN, 0}, {end_out_.get(), POLLIN, 0}}};
    while (::poll(both.data(), both.size(), -1) > 0 && both[1].revents == 0) {
        std::array<char, 4096> room{};
        auto message = receive_message(socket_.get(), std::as_writable_bytes(std::span(room)), MSG_DONTWAIT);
        if (message) {
            take({room.data(), message->size}, std::move(message->fd));
        }
    }
}

/// A barrier's descriptor is closed with the message, which is all that is asked for.
void ServiceManager::take(const std::string& message, UniqueFd fd) {
    bool store = false;
    bool remove = false;
    std::string name = "stored";
    std::istringstream lines(message);
    for (std::string line; std::getline(lines, line);) {
        store = store || line == "FDSTORE=1";
        remove = remove || line == "FDSTOREREMOVE=1";
        name = line.starts_with("FDNAME=") ? line.substr(line.find('=') + 1) : name;
    }
    const std::lock_guard lock(mutex_);
    if (store) {
        store_[name] = std::move(fd);
    } else if (remove) {
        store_.erase(name);
    }
}

void ServiceManager::become_service() const {
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    std::string names;
    int next = kHighFd;
    for (const auto& [name, fd] : store_) {
        names += (names.empty() ? "" : ":") + name;
        ::dup2(fd.get(), next++);
    }
    for (int i = 0; i < static_cast<int>(store_.size()); ++i) {
        ::dup2(kHighFd + i, kFirstFd + i);
        ::close(kHighFd + i);
    }
    if (!store_.empty()) {
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", std::to_string(store_.size()).c_str(), 1);
        ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
    }
}

std::vector<std::string> ServiceManager::stored() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, fd] : store_) {
        names.push_back(name);
    }
    return names;
}

void ServiceManager::stop_service() {
    const std::lock_guard lock(mutex_);
    store_.clear();
}

}  // namespace ion::test
