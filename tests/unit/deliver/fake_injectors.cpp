// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/deliver/fake_injectors.h"

#include <sys/socket.h>

#include <array>
#include <cstring>

#include "daemon/base/fd_message.h"

namespace ion {

namespace {

std::pair<UniqueFd, UniqueFd> socket_pair() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// One end of a new pair; the other goes to `other`.
UniqueFd end_of_pair(UniqueFd& other) {
    auto [one, two] = socket_pair();
    other = std::move(two);
    return std::move(one);
}

}  // namespace

FakeInjectors::FakeInjectors()
    : zygote_pool_end_(end_of_pair(zygote_played_)), pool(zygote_pool_end_.get(), *this) {}

void FakeInjectors::injector_started(int fd, int pid) {
    EXPECT_FALSE(watched.contains(fd)) << "it must be known before it is used";
    events.push_back("started " + std::to_string(pid));
    played_.back().pool_fd = fd;
}

std::vector<int> FakeInjectors::zygote_requests() {
    std::vector<int> requests;
    ZygoteRequest request;
    while (::recv(zygote_played_.get(), &request, sizeof(request), MSG_DONTWAIT) ==
           static_cast<ssize_t>(sizeof(request))) {
        requests.push_back(request.command == ZygoteCommand::kSpawn ? 0 : request.pid);
    }
    return requests;
}

FakeInjectors::Played& FakeInjectors::spawn() {
    auto [pool_end, played_end] = socket_pair();
    played_.push_back({-1, next_pid_++, std::move(played_end)});
    const ZygoteReply reply{played_.back().pid};
    EXPECT_TRUE(send_message(zygote_played_.get(), std::as_bytes(std::span(&reply, 1)), pool_end.get()));
    pool.readable(zygote_pool_end_.get());
    return played_.back();
}

void FakeInjectors::fail_to_spawn() {
    const ZygoteReply reply{-1};
    EXPECT_TRUE(send_message(zygote_played_.get(), std::as_bytes(std::span(&reply, 1))));
    pool.readable(zygote_pool_end_.get());
}

std::optional<Job> FakeInjectors::next_job(const Played& injector, std::string* payload, UniqueFd* fd) {
    std::array<std::byte, sizeof(Job) + kMaxJobPayload> room;
    auto received = receive_message(injector.socket.get(), room, MSG_DONTWAIT);
    if (!received || received->size < sizeof(Job)) {
        return std::nullopt;
    }
    Job job;
    std::memcpy(&job, room.data(), sizeof(job));
    if (payload != nullptr) {
        payload->assign(reinterpret_cast<const char*>(room.data()) + sizeof(job),
                        received->size - sizeof(job));
    }
    if (fd != nullptr) {
        *fd = std::move(received->fd);
    }
    return job;
}

void FakeInjectors::answer(const Played& injector, const JobResult& result, const std::string& bytes,
                           int fd) {
    std::vector<std::byte> message(sizeof(result) + bytes.size());
    std::memcpy(message.data(), &result, sizeof(result));
    std::memcpy(message.data() + sizeof(result), bytes.data(), bytes.size());
    EXPECT_TRUE(send_message(injector.socket.get(), message, fd));
    pool.readable(injector.pool_fd);
}

bool FakeInjectors::message_waits(const Played& injector) {
    char byte = 0;
    return ::recv(injector.pool_fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_PEEK) > 0;
}

void FakeInjectors::run(const Job& job, const std::string& payload, int fd) {
    pool.acquire([this, job, payload, fd](int injector) {
        pool.run(injector, job, std::as_bytes(std::span(payload)), fd,
                 [this](JobOutcome outcome) { outcomes.push_back(std::move(outcome)); });
    });
}

}  // namespace ion
