// SPDX-License-Identifier: Apache-2.0

#include "tests/node/churn_load.h"

#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "tests/clients/churn.h"
#include "tests/node/daemon_fixture.h"

namespace ion::test {

Load::Load(const Daemon& daemon) : daemon_(daemon), memory_(::memfd_create("churn", MFD_CLOEXEC)) {
    EXPECT_EQ(::ftruncate(memory_.get(), sizeof(churn_page)), 0);
    void* address = ::mmap(nullptr, sizeof(churn_page), PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0);
    EXPECT_NE(address, MAP_FAILED);
    page_ = static_cast<churn_page*>(address);
}

Load::~Load() {
    clients_.clear();
    ::munmap(page_, sizeof(churn_page));
}

void Load::add(const std::string& kind, int threads) {
    threads_ += static_cast<std::uint32_t>(threads);
    const std::string seed = std::to_string(1000 * (clients_.size() + 1));
    clients_.push_back(
        std::make_unique<Program>(client_path("churn"),
                                  std::vector<std::string>{daemon_.device(), kind, std::to_string(threads),
                                                           seed, std::to_string(memory_.get())},
                                  std::vector<int>{memory_.get()}));
}

std::uint32_t Load::progress() const {
    return std::atomic_ref(page_->progress).load();
}

bool Load::advance(std::uint32_t count) {
    const std::uint32_t target = progress() + count;
    std::atomic_ref(page_->target).store(target);
    const timespec patience{std::chrono::seconds(kPatience).count(), 0};
    for (std::uint32_t now = progress(); static_cast<std::int32_t>(now - target) < 0; now = progress()) {
        if (::syscall(SYS_futex, &page_->progress, FUTEX_WAIT, now, &patience, nullptr, 0) != 0 &&
            errno == ETIMEDOUT) {
            return static_cast<std::int32_t>(progress() - target) >= 0;
        }
    }
    return true;
}

void Load::finish() {
    std::atomic_ref(page_->stop).store(1);
    for (const auto& client : clients_) {
        EXPECT_EQ(client->wait(), 0) << "client " << client->pid();
    }
}

}  // namespace ion::test
