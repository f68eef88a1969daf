// SPDX-License-Identifier: Apache-2.0

#include "tests/stateful/puppet.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>

#include "daemon/abi/uapi_legacy.h"
#include "daemon/abi/uapi_modern.h"
#include "daemon/base/fd_message.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

using namespace abi::uapi;

/// What a system call came to.
Report report_of(std::int64_t result) {
    return result < 0 ? Report{errno, 0} : Report{0, result};
}

Report call(int device, std::uint32_t number, void* argument, const auto& value) {
    const int result = ::ioctl(device, number, argument);
    return result < 0 ? Report{errno, 0} : Report{0, static_cast<std::int64_t>(value)};
}

Report allocate(const Order& order) {
    Alloc64 wire{};
    wire.len = order.length;
    wire.heap_id_mask = order.heap_mask;
    wire.flags = order.flags;
    return call(order.device, kAlloc64, &wire, wire.handle);
}

Report allocate_fd(const Order& order) {
    AllocFd wire{};
    wire.len = order.length;
    wire.heap_id_mask = order.heap_mask;
    wire.flags = order.flags;
    return call(order.device, kAllocFd, &wire, wire.fd);
}

Report release(const Order& order) {
    Handle64 wide{order.handle};
    Handle32 narrow{static_cast<std::int32_t>(order.handle)};
    return order.width == Width::kPointer ? call(order.device, kFree64, &wide, 0)
                                          : call(order.device, kFree32, &narrow, 0);
}

/// SHARE, MAP, IMPORT and SYNC have one struct; `wants_fd` is what comes back.
Report with_fd(const Order& order, std::uint32_t wide_number, std::uint32_t narrow_number, bool wants_fd) {
    Fd64 wide{order.handle, order.fd, 0};
    Fd32 narrow{static_cast<std::int32_t>(order.handle), order.fd};
    Report report = order.width == Width::kPointer ? call(order.device, wide_number, &wide, 0)
                                                   : call(order.device, narrow_number, &narrow, 0);
    if (report.error == 0) {
        const bool is_wide = order.width == Width::kPointer;
        report.value = wants_fd ? (is_wide ? wide.fd : narrow.fd)
                                : (is_wide ? static_cast<std::int64_t>(wide.handle) : narrow.handle);
    }
    return report;
}

Report exchange_tag(const Order& order) {
    void* const memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, order.fd, 0);
    if (memory == MAP_FAILED) {
        return {errno, 0};
    }
    auto* const tag = static_cast<std::uint64_t*>(memory);
    const Report report{0, static_cast<std::int64_t>(*tag)};
    *tag = order.tag;
    ::munmap(memory, 4096);
    return report;
}

Report hold(const Order& order) {
    void* const memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, order.fd, 0);
    return memory == MAP_FAILED ? Report{errno, 0} : Report{0, reinterpret_cast<std::int64_t>(memory)};
}

/// One end of a pipe; the other is closed.
Report make_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {errno, 0};
    }
    ::close(ends[1]);
    return {0, ends[0]};
}

Report obey(const Order& order, const std::string& device, UniqueFd taken) {
    switch (order.act) {
        case Act::kOpen:
            return report_of(::open(device.c_str(), O_RDWR | O_CLOEXEC));
        case Act::kClose:
            return report_of(::close(order.fd));
        case Act::kAlloc:
            return allocate(order);
        case Act::kAllocFd:
            return allocate_fd(order);
        case Act::kFree:
            return release(order);
        case Act::kShare:
            return with_fd(order, kShare64, kShare32, true);
        case Act::kMap:
            return with_fd(order, kMap64, kMap32, true);
        case Act::kImport:
            return with_fd(order, kImport64, kImport32, false);
        case Act::kSync:
            return with_fd(order, kSync64, kSync32, true);
        case Act::kDuplicate:
            return report_of(::fcntl(order.fd, F_DUPFD_CLOEXEC, 0));
        case Act::kExchangeTag:
            return exchange_tag(order);
        case Act::kHold:
            return hold(order);
        case Act::kDrop:
            return report_of(::munmap(reinterpret_cast<void*>(order.address), 4096));
        case Act::kGive:
            return report_of(::fcntl(order.fd, F_GETFD));
        case Act::kTake:
            return report_of(taken.release());
        case Act::kPipe:
            return make_pipe();
    }
    return {ENOSYS, 0};
}

[[noreturn]] void live(int socket, const std::string& device) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        Order order;
        auto received = receive_message(socket, std::as_writable_bytes(std::span(&order, 1)), 0);
        if (!received || received->size != sizeof(order)) {
            ::_exit(0);
        }
        const Report report = obey(order, device, std::move(received->fd));
        const int given = order.act == Act::kGive && report.error == 0 ? order.fd : -1;
        (void)send_message(socket, std::as_bytes(std::span(&report, 1)), given, 0);
    }
}

}  // namespace

Puppet::Puppet(const std::string& device) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
        live(ends[1], device);
    }
    ::close(ends[1]);
    socket_.reset(ends[0]);
}

Puppet::~Puppet() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Puppet::begin(const Order& order, int fd) const {
    EXPECT_TRUE(send_message(socket_.get(), std::as_bytes(std::span(&order, 1)), fd));
}

std::optional<Report> Puppet::report(UniqueFd* fd) const {
    pollfd wait{socket_.get(), POLLIN, 0};
    Report report;
    if (::poll(&wait, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) != 1) {
        return std::nullopt;
    }
    auto received =
        receive_message(socket_.get(), std::as_writable_bytes(std::span(&report, 1)), MSG_DONTWAIT);
    if (!received || received->size != sizeof(report)) {
        return std::nullopt;
    }
    if (fd != nullptr) {
        *fd = std::move(received->fd);
    }
    return report;
}

}  // namespace ion::test
