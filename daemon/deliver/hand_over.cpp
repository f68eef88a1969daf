// SPDX-License-Identifier: Apache-2.0

#include "daemon/deliver/hand_over.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "daemon/base/fd_message.h"
#include "daemon/base/unique_fd.h"
#include "daemon/deliver/client_fds.h"
#include "daemon/deliver/client_memory.h"
#include "daemon/deliver/name_link.h"
#include "daemon/deliver/thread_status.h"

namespace ion {
namespace {

/// How far a hard limit is moved for the duration of a hand-over that needs one number more than there are.
/// More than that one, because numbers just above a limit can be in use (it may have been lowered).
constexpr rlim_t kBorrowedNumbers = 64;

/// A connection with the client. `theirs` is the number of its end in the client.
struct Link {
    UniqueFd ours;
    int theirs = -1;
};

std::uint64_t as_argument(int value) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

class HandOver {
  public:
    HandOver(RemoteCalls& calls, const HandOverOrder& order) : calls_(calls), order_(order) {}

    /// One attempt with the numbers that are free. Two are needed at its peak.
    Result<int> attempt();

    /// One attempt with the limit on numbers raised.
    Result<int> attempt_beyond_limit();

  private:
    Result<Link> connect();
    Result<Link> connect_by_pair();
    Result<Link> connect_by_name();
    Result<int> receive(const Link& link);
    Result<void> store(const Link& link, int number);
    Result<int> settle(const Link& link, int number);
    Result<rlimit64> raise_limit();
    Result<rlimit64> limit();
    Result<void> set_limit(const rlimit64& limit);
    void close(int number) { (void)calls_(Call::kClose, {as_argument(number)}).has_value(); }

    RemoteCalls& calls_;
    const HandOverOrder& order_;
    rlim64_t end_ =
        std::numeric_limits<rlim64_t>::max();  ///< numbers from here on are not the client's to have
};

Result<Link> HandOver::connect_by_pair() {
    const auto made =
        calls_(Call::kSocketpair, {AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, calls_.scratch()});
    if (!made) {
        return made.error();
    }
    std::array<int, 2> pair{};
    const auto read = calls_.get(std::as_writable_bytes(std::span(pair)));
    if (!read) {
        return read.error();
    }
    // Our end is the lower one: closed in the client, it leaves the lowest free number to the descriptor.
    const auto [low, high] = std::minmax(pair[0], pair[1]);
    auto ours = take_client_fd(calls_.tid(), low);
    close(low);
    if (!ours) {
        close(high);
        return ours.error();
    }
    return Link{*std::move(ours), high};
}

Result<Link> HandOver::connect_by_name() {
    const auto status = thread_status(calls_.tid());
    if (!status) {
        return status.error();
    }
    auto meeting = NameLink::open_beside(calls_.tid());
    if (!meeting) {
        return meeting.error();
    }
    const auto made = calls_(Call::kSocket, {AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0});
    if (!made) {
        return made.error();
    }
    const int theirs = static_cast<int>(*made);
    const auto address = std::as_bytes(std::span(&meeting->address(), 1)).first(meeting->address_size());
    const auto named = calls_.put(address);
    const auto connected =
        calls_(Call::kConnect, {as_argument(theirs), calls_.scratch(), meeting->address_size()});
    auto ours = meeting->accept_from(status->tgid);
    if (!named || !connected || !ours) {
        close(theirs);
        return !connected ? connected.error() : fail(ECONNREFUSED, "link by name");
    }
    return Link{*std::move(ours), theirs};
}

Result<Link> HandOver::connect() {
    if (!order_.by_name) {
        auto link = connect_by_pair();
        // EBADF, ESRCH: a descriptor table that pidfd_getfd does not reach. If the thread is gone, the next
        // call will say so.
        if (link || (link.error().code != EBADF && link.error().code != ESRCH)) {
            return link;
        }
    }
    return connect_by_name();
}

/// What recvmsg works with, in the layout of the client: `Word` is its pointer. msghdr, iovec and cmsghdr
/// consist of such words, but for level, type and the descriptor's number.
template <typename Word>
struct Reception {
    Word name, name_length, vector, vector_length, control, control_length, flags;  // struct msghdr
    Word base, length;                                                              // struct iovec
    Word control_message_length;                                                    // struct cmsghdr
    std::int32_t level, type, number;
    std::int32_t payload;
};
static_assert(offsetof(Reception<std::uint64_t>, base) == sizeof(msghdr));
static_assert(offsetof(Reception<std::uint64_t>, number) -
                  offsetof(Reception<std::uint64_t>, control_message_length) ==
              CMSG_LEN(0));

template <typename Word>
Result<int> receive_with(RemoteCalls& calls, int socket, int flags) {
    using Block = Reception<Word>;
    const auto at = [&](std::size_t offset) { return static_cast<Word>(calls.scratch() + offset); };
    Block block{};
    block.vector = at(offsetof(Block, base));
    block.vector_length = 1;
    block.control = at(offsetof(Block, control_message_length));
    block.control_length = offsetof(Block, payload) - offsetof(Block, control_message_length);
    block.base = at(offsetof(Block, payload));
    block.length = sizeof block.payload;
    const auto bytes = std::as_writable_bytes(std::span(&block, 1));
    if (const auto written = calls.put(bytes); !written) {
        return written.error();
    }
    const auto received = calls(Call::kRecvmsg, {as_argument(socket), calls.scratch(), as_argument(flags)});
    if (!received) {
        return received.error();
    }
    if (const auto read = calls.get(bytes); !read) {
        return read.error();
    }
    if (block.control_length == 0) {
        return fail(EMFILE, "no number is free in the client");
    }
    return block.number;
}

Result<int> HandOver::receive(const Link& link) {
    // Whose socket that is, the client's other threads may have changed: it must not be waited for.
    const std::byte filler{};
    const auto sent = send_message(link.ours.get(), {&filler, 1}, order_.descriptor);
    if (!sent) {
        return sent.error();
    }
    const int flags = MSG_DONTWAIT | (order_.close_on_exec ? MSG_CMSG_CLOEXEC : 0);
    return calls_.wide() ? receive_with<std::uint64_t>(calls_, link.theirs, flags)
                         : receive_with<std::uint32_t>(calls_, link.theirs, flags);
}

/// Writes the number where the client looks for it. Memory that is no ordinary pages (a mapped dma-buf) can
/// be written by the client itself only: it receives the number from the link, straight into its place.
Result<void> HandOver::store(const Link& link, int number) {
    const auto bytes = std::as_bytes(std::span(&number, 1));
    auto written = write_client(calls_.tid(), order_.number_address, bytes);
    if (written || written.error().code != EFAULT) {
        return written;
    }
    if (::send(link.ours.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        return fail_errno(errno, "send");
    }
    const auto received = calls_(
        Call::kRecvfrom, {as_argument(link.theirs), order_.number_address, bytes.size(), MSG_DONTWAIT, 0, 0});
    if (!received) {
        return received.error();
    }
    return {};
}

/// Ends with the descriptor under its final number, that number stored and the link's number free.
Result<int> HandOver::settle(const Link& link, int received) {
    // Above the link's own number it is only if another thread has taken the one that was left free for it.
    const int number = std::min(received, link.theirs);
    auto stored = static_cast<rlim64_t>(number) < end_
                      ? store(link, number)
                      : Result<void>(fail(EMFILE, "no number is free in the client"));
    if (stored && number == received) {
        close(link.theirs);
        return number;
    }
    if (stored) {
        const std::uint64_t flags = order_.close_on_exec ? O_CLOEXEC : 0;
        const auto moved = calls_(Call::kDup3, {as_argument(received), as_argument(number), flags});
        close(received);
        return moved ? Result<int>(number) : moved.error();
    }
    close(link.theirs);
    close(received);
    return stored.error();
}

Result<int> HandOver::attempt() {
    const auto link = connect();
    if (!link) {
        return link.error();
    }
    const auto received = receive(*link);
    if (!received) {
        close(link->theirs);
        return received.error();
    }
    return settle(*link, *received);
}

Result<rlimit64> HandOver::limit() {
    const auto asked = calls_(Call::kPrlimit, {0, RLIMIT_NOFILE, 0, calls_.scratch()});
    if (!asked) {
        return asked.error();
    }
    rlimit64 limit{};
    const auto read = calls_.get(std::as_writable_bytes(std::span(&limit, 1)));
    if (!read) {
        return read.error();
    }
    return limit;
}

Result<void> HandOver::set_limit(const rlimit64& limit) {
    auto written = calls_.put(std::as_bytes(std::span(&limit, 1)));
    if (!written) {
        return written;
    }
    const auto set = calls_(Call::kPrlimit, {0, RLIMIT_NOFILE, calls_.scratch(), 0});
    return set ? Result<void>() : set.error();
}

/// Raises the soft limit to the hard one, which the client may do itself; where they are equal, both, which
/// takes our CAP_SYS_RESOURCE. Returns what they were.
Result<rlimit64> HandOver::raise_limit() {
    auto old = limit();
    if (!old) {
        return old;
    }
    if (old->rlim_cur < old->rlim_max) {
        const auto raised = set_limit({.rlim_cur = old->rlim_max, .rlim_max = old->rlim_max});
        return raised ? old : raised.error();
    }
    const rlimit64 higher{.rlim_cur = old->rlim_cur + kBorrowedNumbers,
                          .rlim_max = old->rlim_max + kBorrowedNumbers};
    if (::prlimit64(calls_.tid(), RLIMIT_NOFILE, &higher, nullptr) != 0) {
        return fail_errno(errno, "prlimit");
    }
    return old;
}

Result<int> HandOver::attempt_beyond_limit() {
    const auto old = raise_limit();
    if (!old) {
        return fail(EMFILE, old.error().context);
    }
    end_ = old->rlim_cur;
    auto number = attempt();
    const auto restored = set_limit(*old);
    return restored ? number : restored.error();
}

}  // namespace

Result<int> hand_over(RemoteCalls& calls, const HandOverOrder& order) {
    const auto mapped = calls.map_scratch();
    if (!mapped) {
        return mapped.error();
    }
    HandOver hand_over(calls, order);
    auto number = hand_over.attempt();
    if (!number && number.error().code == EMFILE) {
        number = hand_over.attempt_beyond_limit();
    }
    calls.unmap_scratch();
    return number;
}

}  // namespace ion
