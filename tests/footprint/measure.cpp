// SPDX-License-Identifier: Apache-2.0

#include "tests/footprint/measure.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "daemon/abi/uapi_legacy.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

namespace fs = std::filesystem;
namespace uapi = abi::uapi;

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kStatBlock = 512;

/// Keeper, worker, zygote and the first two injectors; those come a moment after it is ready.
constexpr std::size_t kProcesses = 5;

std::string proc_file(pid_t pid, const char* name) {
    return "/proc/" + std::to_string(pid) + "/" + name;
}

std::uint64_t journal_bytes(pid_t pid) {
    for (const auto& entry : fs::directory_iterator(proc_file(pid, "fd"))) {
        std::error_code gone;
        struct stat status {};
        if (fs::read_symlink(entry, gone).string().starts_with("/memfd:iond-journal") &&
            ::stat(entry.path().c_str(), &status) == 0) {
            return static_cast<std::uint64_t>(status.st_blocks) * kStatBlock;
        }
    }
    ADD_FAILURE() << "process " << pid << " has no journal";
    return 0;
}

}  // namespace

DaemonMemory memory_of(const Daemon& daemon) {
    const pid_t worker = daemon.worker();
    const std::string rollup = read_file(proc_file(worker, "smaps_rollup"));
    const std::int64_t resident = figure(rollup, "Rss:");
    const std::int64_t anonymous = figure(rollup, "Anonymous:");
    EXPECT_GT(resident, 0) << rollup;
    EXPECT_GT(anonymous, 0) << rollup;
    return {static_cast<std::uint64_t>(resident) * 1024, static_cast<std::uint64_t>(anonymous) * 1024,
            journal_bytes(daemon.keeper())};
}

void limit_descriptors(const Daemon& daemon, std::size_t more) {
    ASSERT_TRUE(eventually([&] { return daemon.processes().size() >= kProcesses; }));
    ASSERT_TRUE(daemon.serves());  // whatever it opens to do so is open now
    const rlim_t limit = daemon.descriptors().size() + more;
    const rlimit both{limit, limit};
    for (const pid_t pid : {daemon.keeper(), daemon.worker()}) {
        ASSERT_EQ(::prlimit(pid, RLIMIT_NOFILE, &both, nullptr), 0);
    }
}

std::size_t descriptor_limit(const Daemon& daemon) {
    rlimit limit{};
    EXPECT_EQ(::prlimit(daemon.worker(), RLIMIT_NOFILE, nullptr, &limit), 0);
    return limit.rlim_cur;
}

Hoarder::Hoarder(const Daemon& daemon) : device_(::open(daemon.device().c_str(), O_RDWR | O_CLOEXEC)) {
    EXPECT_TRUE(device_);
}

int Hoarder::allocate(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        uapi::Alloc64 data{};
        data.len = kPage;
        data.heap_id_mask = 1;
        if (::ioctl(device_.get(), uapi::kAlloc64, &data) != 0) {
            return errno;
        }
        handles_.push_back(data.handle);
    }
    return 0;
}

void Hoarder::free(std::size_t count) {
    ASSERT_LE(count, handles_.size());
    for (; count > 0; --count) {
        uapi::Handle64 data{handles_.back()};
        ASSERT_EQ(::ioctl(device_.get(), uapi::kFree64, &data), 0);
        handles_.pop_back();
    }
}

int Hoarder::share() const {
    uapi::Fd64 data{};
    data.handle = handles_.back();
    if (::ioctl(device_.get(), uapi::kShare64, &data) != 0) {
        const int error = errno;
        EXPECT_EQ(data.fd, -error);
        return error;
    }
    const UniqueFd shared(data.fd);
    return shared ? 0 : EBADF;
}

void share_one_processor() {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
}

const char* bytes_mean_nothing() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return "built with a sanitizer, which keeps memory of its own";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return "built with a sanitizer, which keeps memory of its own";
#else
    return nullptr;
#endif
#else
    return nullptr;
#endif
}

}  // namespace ion::test
