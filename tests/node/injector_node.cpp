// SPDX-License-Identifier: Apache-2.0

#include "tests/node/injector_node.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace ion::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kFileNode = 2;
constexpr std::size_t kRequestRoom = 64 * 1024;

template <typename T>
T from_bytes(std::span<const std::byte> bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
    return value;
}

template <typename T>
std::span<const std::byte> as_wire(const T& value) {
    return std::as_bytes(std::span(&value, 1));
}

fuse_attr attributes(std::uint64_t node) {
    fuse_attr attr{};
    attr.ino = node;
    attr.mode = node == kFileNode ? S_IFREG | 0666U : S_IFDIR | 0755U;
    attr.nlink = 1;
    return attr;
}

}  // namespace

bool readable(int fd, int patience_ms) {
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&entry, 1, patience_ms) > 0;
}

bool eventually(const std::function<bool()>& done) {
    const auto deadline = Clock::now() + std::chrono::milliseconds(kPatienceMs);
    while (!done()) {
        if (Clock::now() > deadline) {
            return false;
        }
        ::sched_yield();
    }
    return true;
}

Node::Node() {
    std::string name = "/tmp/ion-node-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    // Not blocking: the request that made it readable can be withdrawn (an INTERRUPT of a call that was
    // answered).
    device_.reset(::open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK));
    const auto options =
        "fd=" + std::to_string(device()) + ",rootmode=40755,user_id=0,group_id=0,allow_other";
    if (::mount("ion-test", directory_.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
        ADD_FAILURE() << "mount: " << std::strerror(errno);
    }
}

Node::~Node() {
    ::umount2(directory_.c_str(), MNT_DETACH);
    ::rmdir(directory_.c_str());
}

void Node::reply(std::uint64_t unique, std::int32_t error, std::span<const std::byte> body) {
    fuse_out_header header{};
    header.len = static_cast<std::uint32_t>(sizeof header + body.size());
    header.error = error;
    header.unique = unique;
    std::vector<std::byte> message(header.len);
    std::memcpy(message.data(), &header, sizeof header);
    std::ranges::copy(body, message.begin() + sizeof header);
    (void)!::write(device(), message.data(), message.size());  // whoever asked may be dead
}

std::optional<Pending> Node::serve() {
    std::vector<std::byte> buffer(kRequestRoom);
    const auto size = ::read(device(), buffer.data(), buffer.size());
    if (size < static_cast<ssize_t>(sizeof(fuse_in_header))) {
        return std::nullopt;  // the request was withdrawn
    }
    const auto header = from_bytes<fuse_in_header>(buffer);
    const auto body =
        std::span<const std::byte>(buffer).first(static_cast<std::size_t>(size)).subspan(sizeof header);
    switch (header.opcode) {
        case FUSE_INIT: {
            fuse_init_out out{};
            out.major = FUSE_KERNEL_VERSION;
            out.minor = 31;
            out.max_write = 4096;
            reply(header.unique, 0, as_wire(out));
            break;
        }
        case FUSE_LOOKUP: {
            fuse_entry_out out{};
            out.nodeid = kFileNode;
            out.entry_valid = out.attr_valid = 1000;
            out.attr = attributes(kFileNode);
            reply(header.unique, 0, as_wire(out));
            break;
        }
        case FUSE_GETATTR: {
            fuse_attr_out out{};
            out.attr_valid = 1000;
            out.attr = attributes(header.nodeid);
            reply(header.unique, 0, as_wire(out));
            break;
        }
        case FUSE_OPEN: {
            fuse_open_out out{};
            out.open_flags = FOPEN_DIRECT_IO;
            reply(header.unique, 0, as_wire(out));
            break;
        }
        case FUSE_IOCTL: {
            const auto in = from_bytes<fuse_ioctl_in>(body);
            return Pending{.unique = header.unique,
                           .tid = static_cast<pid_t>(header.pid),
                           .command = in.cmd,
                           .argument = in.arg,
                           .data = from_bytes<Allocation>(body.subspan(sizeof in))};
        }
        case FUSE_FORGET:
        case FUSE_BATCH_FORGET:
        case FUSE_INTERRUPT:
            break;
        case FUSE_RELEASE:
        case FUSE_FLUSH:
            reply(header.unique, 0, {});
            break;
        default:
            reply(header.unique, -ENOSYS, {});
    }
    return std::nullopt;
}

void Node::catch_up() {
    while (readable(device(), 0)) {
        serve();
    }
}

std::optional<Pending> Node::next() {
    while (readable(device())) {
        if (auto call = serve()) {
            return call;
        }
    }
    return std::nullopt;
}

void Node::answer(const Pending& call, std::int32_t error) {
    reply(call.unique, error, {});
}

std::vector<std::byte> Node::pending_reply(const Pending& call) {
    struct {
        fuse_out_header header;
        fuse_ioctl_out out;
        Allocation data;
    } message{};
    message.header.len = sizeof message;
    message.header.unique = call.unique;
    message.out.result = kPendingResult;
    message.data = call.data;
    const auto bytes = as_wire(message);
    return {bytes.begin(), bytes.end()};
}

}  // namespace ion::test
