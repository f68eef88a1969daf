// SPDX-License-Identifier: Apache-2.0
//
// What a program that floods the daemon costs another one.
//
//   fairness_bench [SECONDS]
//
// This process makes one call after the other. Another one, in turn, rests, keeps as many threads busy with as many system
// calls elsewhere, and floods the daemon from them: the second tells what a busy machine costs anyway. Phases alternate, so
// that whatever else the machine does meets all of them. For each kind of call: the median of each phase and their ratio.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "daemon/abi/uapi_legacy.h"
#include "daemon/abi/uapi_modern.h"
#include "daemon/base/unique_fd.h"
#include "tests/node/daemon_fixture.h"

namespace ion::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFloodThreads = 64;
constexpr std::chrono::milliseconds kPhaseTime{100};

/// A kind of call, on an open device.
struct Work {
    const char* name;
    void (*run)(int device);
};

void allocate_and_free(int device) {
    abi::uapi::Alloc64 wire{};
    wire.len = 4096;
    wire.heap_id_mask = 1;
    EXPECT_EQ(::ioctl(device, abi::uapi::kAlloc64, &wire), 0);
    abi::uapi::Handle64 handle{};
    handle.handle = wire.handle;
    EXPECT_EQ(::ioctl(device, abi::uapi::kFree64, &handle), 0);
}

void allocate_injected(int device) {
    abi::uapi::AllocFd wire{};
    wire.len = 4096;
    wire.heap_id_mask = 1;
    EXPECT_EQ(::ioctl(device, abi::uapi::kAllocFd, &wire), 0);
    ::close(static_cast<int>(wire.fd));
}

constexpr std::array kWork{Work{"handle", allocate_and_free}, Work{"injected", allocate_injected}};

enum Phase : int { kIdle, kBusyElsewhere, kFlood, kPhases };
constexpr std::array<const char*, kPhases> kNames{"alone", "busy machine", "flood"};

struct Shared {
    std::atomic<int> phase{kIdle};
    std::atomic<int> work{0};
    std::atomic<std::uint64_t> calls{0};
};

void pause() {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

[[noreturn]] void flood(Shared& shared, const std::string& path) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const UniqueFd device(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    const auto run = [&] {
        for (;;) {
            const int phase = shared.phase.load();
            if (phase == kFlood) {
                kWork[static_cast<std::size_t>(shared.work.load())].run(device.get());
                ++shared.calls;
            } else if (phase == kBusyElsewhere) {
                const UniqueFd other(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
                std::array<char, 4096> room;
                (void)!::read(other.get(), room.data(), room.size());
            } else {
                pause();
            }
        }
    };
    std::vector<std::thread> threads;
    for (int i = 1; i < kFloodThreads; ++i) {
        threads.emplace_back(run);
    }
    run();
    std::abort();
}

using Times = std::array<std::vector<double>, kPhases>;

double median(std::vector<double>& times) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::ranges::nth_element(times, middle);
    return times.empty() ? 0 : *middle;
}

void measure(Shared& shared, int device, int seconds, std::array<Times, kWork.size()>& times) {
    const Clock::time_point end = Clock::now() + std::chrono::seconds(seconds);
    for (std::size_t turn = 0; Clock::now() < end; ++turn) {
        const std::size_t work = turn / kPhases % kWork.size();
        const auto phase = turn % kPhases;
        shared.work = static_cast<int>(work);
        shared.phase = static_cast<int>(phase);
        const Clock::time_point phase_end = Clock::now() + kPhaseTime;
        for (Clock::time_point begun = Clock::now(); begun < phase_end;) {
            kWork[work].run(device);
            const Clock::time_point done = Clock::now();
            times[work][phase].push_back(std::chrono::duration<double, std::micro>(done - begun).count());
            begun = done;
        }
    }
}

int run(int seconds) {
    const Daemon daemon;
    const UniqueFd device(::open(daemon.device().c_str(), O_RDWR | O_CLOEXEC));
    void* const memory =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!device || memory == MAP_FAILED) {
        std::perror("fairness_bench");
        return 1;
    }
    auto* const shared = new (memory) Shared;
    const pid_t other = ::fork();
    if (other == 0) {
        flood(*shared, daemon.device());
    }
    std::array<Times, kWork.size()> times;
    measure(*shared, device.get(), seconds, times);
    ::kill(other, SIGKILL);
    ::waitpid(other, nullptr, 0);
    std::printf("%-10s %14s %14s %14s %14s %14s\n", "median us", kNames[0], kNames[1], kNames[2],
                "flood:alone", "flood:busy");
    for (std::size_t i = 0; i < kWork.size(); ++i) {
        const double alone = median(times[i][kIdle]);
        const double busy = median(times[i][kBusyElsewhere]);
        const double flooded = median(times[i][kFlood]);
        std::printf("%-10s %14.1f %14.1f %14.1f %14.2f %14.2f\n", kWork[i].name, alone, busy, flooded,
                    flooded / alone, flooded / busy);
    }
    std::printf("%llu calls of the flood\n", static_cast<unsigned long long>(shared->calls.load()));
    return 0;
}

}  // namespace
}  // namespace ion::test

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    return ion::test::run(argc > 1 ? std::atoi(argv[1]) : 12);
}
