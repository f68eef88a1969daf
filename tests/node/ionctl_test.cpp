// SPDX-License-Identifier: Apache-2.0
//
// The commands of ionctl that show things, beside a running daemon with clients.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "daemon/abi/uapi_legacy.h"
#include "tests/node/live_daemon.h"

namespace ion::test {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr std::uint32_t kCarveout = 1U << 2;
constexpr std::uint64_t kPage = 4096;

/// The document that a command prints.
Json document(const Daemon& daemon, const std::string& command) {
    const Answer answer = ionctl(daemon, command + " --json");
    EXPECT_EQ(answer.status, 0) << command << ": " << answer.text;
    Json json = Json::parse(answer.text, nullptr, false);
    EXPECT_EQ(json.value("schema", 0), 1) << command << ": " << answer.text;
    return json;
}

/// The element of a list whose member is `value`.
Json element(const Json& list, const std::string& member, const Json& value) {
    for (const Json& one : list) {
        if (one[member] == value) {
            return one;
        }
    }
    ADD_FAILURE() << "no " << member << " " << value << " in " << list;
    return {};
}

/// A client of the carveout with `pages` buffers of a page.
class Holder {
  public:
    Holder(const Daemon& daemon, int pages) : allocator_(daemon, kCarveout) {
        for (int i = 0; i < pages; ++i) {
            EXPECT_EQ(allocator_.allocate(), "ok");
        }
    }
    [[nodiscard]] pid_t pid() const { return allocator_.pid(); }
    void end() { allocator_.end(); }

  private:
    Allocator allocator_;
};

TEST(Ionctl, HeapsClientsAndTheMapAddUp) {
    Daemon daemon;
    Holder three(daemon, 3);
    Holder two(daemon, 2);

    const Json heap = element(document(daemon, "heaps")["heaps"], "name", "carveout");
    EXPECT_EQ(heap["buffers"], 5);
    EXPECT_EQ(heap["buffer_bytes"], 5 * kPage);
    EXPECT_EQ(heap["region"]["free_bytes"], heap["region"]["size_bytes"].get<std::uint64_t>() - 5 * kPage);

    const Json clients = document(daemon, "clients");
    EXPECT_EQ(clients["open_files"], 2);
    EXPECT_EQ(clients["clients"][0]["pid"], three.pid()) << "the biggest first";
    EXPECT_EQ(clients["clients"][1]["heap_bytes"]["carveout"], 2 * kPage);
    EXPECT_EQ(clients["clients"][1]["comm"], "allocate");

    const Json map = document(daemon, "map carveout")["map"];
    std::uint64_t used = 0;
    for (const Json& run : map["runs"]) {
        used += run["free"].get<bool>() ? 0 : run["size_bytes"].get<std::uint64_t>();
    }
    EXPECT_EQ(used, 5 * kPage);
    EXPECT_EQ(map["runs"][0]["holder"], std::to_string(three.pid()));
    EXPECT_EQ(map["free_bytes"], heap["region"]["free_bytes"]);
    EXPECT_THAT(ionctl(daemon, "map carveout").text, HasSubstr("allocate"));

    three.end();
    two.end();
    EXPECT_TRUE(daemon.wait_until_empty());
    daemon.stop();
}

TEST(Ionctl, ExplainsARefusal) {
    Daemon daemon;
    EXPECT_THAT(ionctl(daemon, "explain").text, HasSubstr("No allocation was refused"));
    EXPECT_TRUE(document(daemon, "explain")["refusal"].is_null());
    const Holder biggest(daemon, 3);
    const UniqueFd client(::open(daemon.device().c_str(), O_RDWR | O_CLOEXEC));
    abi::uapi::Alloc64 wire{};
    wire.len = 1 << 30;
    wire.heap_id_mask = kCarveout;
    ASSERT_NE(::ioctl(client.get(), abi::uapi::kAlloc64, &wire), 0);

    const Answer answer = ionctl(daemon, "explain");
    EXPECT_EQ(answer.status, 0);
    EXPECT_THAT(answer.text, HasSubstr("(pid " + std::to_string(::getpid()) + ") asked for 1.0G"));
    EXPECT_THAT(answer.text, HasSubstr("carveout has 64.0M in all, less than the 1.0G asked."));
    const Json refusal = document(daemon, "explain 1")["refusal"];
    EXPECT_EQ(refusal["limit"], "heap_size");
    EXPECT_EQ(refusal["holders"][0]["pid"], biggest.pid());
    EXPECT_EQ(refusal["holders"][0]["bytes"], 3 * kPage);
    EXPECT_EQ(ionctl(daemon, "explain 2").status, 5);
    daemon.stop();
}

TEST(Ionctl, NamesWhoKeepsABufferWithoutAHandle) {
    Daemon daemon;
    Program client(client_path("objects"), {daemon.device(), "hold"});
    ASSERT_TRUE(client.read_line());
    Json orphaned;
    ASSERT_TRUE(eventually([&] {
        orphaned = document(daemon, "leaks")["leaks"]["orphaned"];
        return orphaned.size() == 1 && orphaned[0]["holders"].size() == 1;
    })) << orphaned;

    const Json& buffer = orphaned[0];
    EXPECT_EQ(buffer["size_bytes"], kPage);
    EXPECT_EQ(buffer["creator"]["pid"], client.pid());
    EXPECT_EQ(buffer["holders"][0]["pid"], client.pid());
    EXPECT_EQ(buffer["holders"][0]["maps"].size(), 1U) << "nothing is left but a mapping";
    EXPECT_TRUE(buffer["holders"][0]["fds"].empty());
    const auto id = buffer["id"].get<std::uint64_t>();
    std::ostringstream leaked;
    leaked << " " << std::hex << id << " ";
    EXPECT_THAT(read_file(daemon.usage() + "/check_leaked_fds"), HasSubstr(leaked.str()));

    const std::string pid = std::to_string(client.pid());
    const std::string holders = ionctl(daemon, "holders " + std::to_string(id)).text;
    EXPECT_THAT(holders, HasSubstr("No client has a handle for it."));
    EXPECT_THAT(holders, HasSubstr(pid));
    EXPECT_THAT(ionctl(daemon, "leaks").text, HasSubstr(pid + " objects"));
    EXPECT_THAT(ionctl(daemon, "buffers").text, HasSubstr(pid + " objects"));
    EXPECT_EQ(ionctl(daemon, "holders " + std::to_string(id + 1)).status, 5);

    client.write_line();
    EXPECT_EQ(client.wait(), 0);
    EXPECT_TRUE(daemon.wait_until_empty());
    EXPECT_EQ(ionctl(daemon, "leaks").text, "No sign of a leak.\n");
    daemon.stop();
}

TEST(Ionctl, FollowsADescriptorIntoAnotherProcess) {
    Daemon daemon;
    const UniqueFd client(::open(daemon.device().c_str(), O_RDWR | O_CLOEXEC));
    abi::uapi::Alloc64 wire{};
    wire.len = kPage;
    wire.heap_id_mask = kCarveout;
    ASSERT_EQ(::ioctl(client.get(), abi::uapi::kAlloc64, &wire), 0);
    abi::uapi::Fd32 share{};  // which generation B has for 64 bits as well
    share.handle = static_cast<std::int32_t>(wire.handle);
    ASSERT_EQ(::ioctl(client.get(), abi::uapi::kShare32, &share), 0);
    UniqueFd buffer(share.fd);
    Program other("/bin/cat", {}, {buffer.get()});
    const int number = buffer.get();
    const auto id = document(daemon, "buffers")["buffers"][0]["id"].get<std::uint64_t>();
    const auto holders = [&] {
        return document(daemon, "holders " + std::to_string(id))["buffer"]["holders"];
    };

    ASSERT_TRUE(eventually([&] { return holders().size() == 2; })) << holders();
    EXPECT_EQ(element(holders(), "pid", other.pid())["fds"], Json({number}));
    EXPECT_EQ(element(holders(), "pid", other.pid())["comm"], "cat");
    EXPECT_EQ(element(holders(), "pid", ::getpid())["fds"], Json({number}));
    buffer.reset();
    EXPECT_TRUE(eventually([&] { return holders().size() == 1; })) << holders();
    EXPECT_EQ(holders()[0]["pid"], other.pid());
    other.close_input();
    EXPECT_EQ(other.wait(), 0);
    EXPECT_TRUE(eventually([&] { return holders().empty(); })) << holders();
    daemon.stop();
}

TEST(Ionctl, TopPrintsAsOftenAsItIsAsked) {
    Daemon daemon;
    const Holder holder(daemon, 1);
    const Answer answer = ionctl(daemon, "top --batch -n 3 -d 0");
    EXPECT_EQ(answer.status, 0);
    std::size_t times = 0;
    for (auto at = answer.text.find("ION: "); at != std::string::npos;
         at = answer.text.find("ION: ", at + 1)) {
        ++times;
    }
    EXPECT_EQ(times, 3U) << answer.text;
    EXPECT_THAT(answer.text, HasSubstr(std::to_string(holder.pid()) + "-0"));
    EXPECT_EQ(document(daemon, "top")["clients"][0]["total_bytes"], kPage);
    daemon.stop();
}

TEST(Ionctl, DoctorFindsADaemonThatServes) {
    Daemon daemon;
    const Answer answer = ionctl(daemon, "doctor --device " + daemon.device() + " --json");
    const Json findings = Json::parse(answer.text, nullptr, false)["findings"];
    for (const char* subject : {"fuse", "daemon", "device", "usage"}) {
        EXPECT_EQ(element(findings, "subject", subject)["health"], "ok") << answer.text;
    }
    EXPECT_THAT(element(findings, "subject", "daemon")["text"].get<std::string>(),
                HasSubstr(std::to_string(daemon.worker())));
    const bool some_missing =
        std::ranges::any_of(findings, [](const Json& finding) { return finding["health"] == "missing"; });
    EXPECT_EQ(answer.status, some_missing ? 1 : 0);
    daemon.stop();
}

TEST(Ionctl, SaysThatNoDaemonIsThere) {
    Daemon daemon;
    const std::string directory = daemon.directory();
    daemon.stop();
    for (const char* command : {"heaps", "clients", "buffers", "holders 1", "leaks", "explain",
                                "map carveout", "top --batch", "status"}) {
        const Answer answer = ionctl(daemon, command);
        EXPECT_EQ(answer.status, 3) << command << ": " << answer.text;
    }
    EXPECT_EQ(ionctl(daemon, "doctor").status, 1);
}

}  // namespace
}  // namespace ion::test
