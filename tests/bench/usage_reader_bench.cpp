// SPDX-License-Identifier: Apache-2.0
//
// What a program that reads usage files without a pause costs those who allocate.
//
//   usage_reader_bench [SECONDS]
//
// This process allocates and frees handles. Another one, in turn, waits, reads a file of the machine's own as often as it
// can, and reads heaps/system as often as it can: the second tells what a busy process costs anyway. Phases alternate,
// so that whatever else the machine does meets all of them.

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
#include <numeric>
#include <string>
#include <vector>

#include "daemon/abi/uapi_legacy.h"
#include "daemon/base/unique_fd.h"
#include "tests/node/daemon_fixture.h"

namespace ion::test {
namespace {

using Clock = std::chrono::steady_clock;

enum Phase : int { kIdle, kBusyElsewhere, kReading, kPhases };
constexpr std::array<const char*, kPhases> kNames{"nobody reads", "busy elsewhere", "reads heaps/system"};
constexpr std::chrono::milliseconds kPhaseTime{100};

struct Shared {
    std::atomic<int> phase{kIdle};
    std::atomic<std::uint64_t> reads{0};
};

void read_whole(const std::string& path) {
    std::array<char, 65536> room;
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    while (::read(fd.get(), room.data(), room.size()) > 0) {
    }
}

/// Waits for a byte of `wake` while nothing is to be read.
[[noreturn]] void run_reader(Shared& shared, int wake, const std::string& file) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        const int phase = shared.phase.load();
        char byte = 0;
        if (phase == kIdle) {
            (void)!::read(wake, &byte, 1);
        } else {
            read_whole(phase == kReading ? file : "/proc/self/status");
            shared.reads += phase == kReading ? 1 : 0;
        }
    }
}

void allocate_and_free(int device) {
    abi::uapi::Alloc64 wire{};
    wire.len = 4096;
    wire.heap_id_mask = 1;
    EXPECT_EQ(::ioctl(device, abi::uapi::kAlloc64, &wire), 0);
    abi::uapi::Handle64 handle{};
    handle.handle = wire.handle;
    EXPECT_EQ(::ioctl(device, abi::uapi::kFree64, &handle), 0);
}

double at(const std::vector<double>& sorted, double part) {
    return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

double mean(const std::vector<double>& times) {
    return std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size());
}

void print(std::array<std::vector<double>, kPhases>& times) {
    for (auto& one : times) {
        std::ranges::sort(one);
    }
    std::printf("%-20s %8s %10s %10s %10s\n", "us for ALLOC, FREE", "samples", "median", "mean", "p99");
    for (std::size_t i = 0; i < kPhases; ++i) {
        std::printf("%-20s %8zu %10.1f %10.1f %10.1f\n", kNames[i], times[i].size(), at(times[i], 0.5),
                    mean(times[i]), at(times[i], 0.99));
    }
    for (const Phase other : {kIdle, kBusyElsewhere}) {
        std::printf("reading against \"%s\": median x %.3f, mean x %.3f\n", kNames[other],
                    at(times[kReading], 0.5) / at(times[other], 0.5),
                    mean(times[kReading]) / mean(times[other]));
    }
}

int run(int seconds) {
    const Daemon daemon;
    const UniqueFd device(::open(daemon.device().c_str(), O_RDWR | O_CLOEXEC));
    void* const memory =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    std::array<int, 2> wake{};
    if (!device || memory == MAP_FAILED || ::pipe2(wake.data(), O_CLOEXEC) != 0) {
        std::perror("usage_reader_bench");
        return 1;
    }
    auto* const shared = new (memory) Shared;
    const pid_t reader = ::fork();
    if (reader == 0) {
        run_reader(*shared, wake[0], daemon.usage() + "/heaps/system");
    }
    std::array<std::vector<double>, kPhases> times;
    const Clock::time_point end = Clock::now() + std::chrono::seconds(seconds);
    for (int phase = 0; Clock::now() < end; phase = (phase + 1) % kPhases) {
        shared->phase = phase;
        (void)!::write(wake[1], "", 1);
        const Clock::time_point phase_end = Clock::now() + kPhaseTime;
        for (Clock::time_point begun = Clock::now(); begun < phase_end;) {
            allocate_and_free(device.get());
            const Clock::time_point done = Clock::now();
            times[static_cast<std::size_t>(phase)].push_back(
                std::chrono::duration<double, std::micro>(done - begun).count());
            begun = done;
        }
    }
    ::kill(reader, SIGKILL);
    ::waitpid(reader, nullptr, 0);
    print(times);
    std::printf("%llu texts read\n", static_cast<unsigned long long>(shared->reads.load()));
    return 0;
}

}  // namespace
}  // namespace ion::test

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    return ion::test::run(argc > 1 ? std::atoi(argv[1]) : 10);
}
