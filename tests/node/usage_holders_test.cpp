// SPDX-License-Identifier: Apache-2.0
//
// buffers/<id> at each step of a buffer's way through processes (tests/clients/holders.c).

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

/// The `holder` lines, and how many there are said to be.
std::vector<std::string> holders_in(const std::string& text) {
    std::vector<std::string> found;
    for (const std::string& line : lines_of(text.c_str())) {
        if (line.starts_with("holders: ") || line.starts_with("holder: ")) {
            found.push_back(line);
        }
    }
    return found;
}

class UsageHolders : public testing::Test {
  protected:
    UsageHolders() { words_ = step("allocated"); }

    /// The answer of the client to the last line, which begins with `what`; what follows that.
    std::string step(const std::string& what) {
        const std::string line = client_.read_line().value_or("nothing");
        EXPECT_TRUE(line.starts_with(what)) << line;
        return line.size() > what.size() ? line.substr(what.size() + 1) : "";
    }
    std::string next(const std::string& what) {
        client_.write_line();
        return step(what);
    }

    /// Exactly these processes have it, as soon as a look is not older than the step.
    void expect(std::vector<std::string> holders) {
        holders.insert(holders.begin(), "holders: " + std::to_string(holders.size()));
        std::string text;
        EXPECT_TRUE(eventually([&] {
            text = read_file(daemon_.usage() + "/buffers/1");
            return holders_in(text) == holders;
        })) << text;
    }

    static std::string holder(const std::string& pid, const std::string& fds, const std::string& maps) {
        return "holder: pid=" + pid + " uid=0 comm=holders fds=" + fds + " maps=" + maps;
    }

    Daemon daemon_;
    Program client_{client_path("holders"), {daemon_.device(), "0x1"}};
    std::string words_;
};

TEST_F(UsageHolders, AreRightAtEachStep) {
    const std::string self = words_.substr(0, words_.find(' '));
    const std::string fd = words_.substr(words_.find(' ') + 1);
    expect({holder(self, fd, "-")});

    const std::string sent = next("sent");
    const std::string receiver = sent.substr(0, sent.find(' '));
    const std::string received = sent.substr(sent.find(' ') + 1);
    // The receiver was forked first, so its number is the lower one unless they have begun anew.
    const auto both = [&](const std::string& first) {
        const std::string second = holder(receiver, received, "-");
        return std::stoi(receiver) < std::stoi(self) ? std::vector{second, first}
                                                     : std::vector{first, second};
    };
    expect(both(holder(self, fd, "-")));

    const std::string range = next("mapped");
    expect(both(holder(self, "-", range)));

    const std::string heir = next("forked");
    std::vector<std::string> three = both(holder(self, "-", range));
    three.insert(std::stoi(heir) < std::stoi(self) ? three.begin() : three.end(), holder(heir, "-", range));
    expect(three);

    next("unmapped");
    std::vector<std::string> two{holder(receiver, received, "-"), holder(heir, "-", range)};
    if (std::stoi(heir) < std::stoi(receiver)) {
        std::swap(two[0], two[1]);
    }
    expect(two);

    next("heir died");
    expect({holder(receiver, received, "-")});

    next("receiver died");
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(daemon_.usage() + "/buffers/1"); }));
    client_.write_line();
    EXPECT_EQ(client_.wait(), 0);
    EXPECT_TRUE(daemon_.wait_until_empty());
    daemon_.stop();
}

TEST_F(UsageHolders, AreKnownToTheNextWorkerWithTheOriginOfTheBuffer) {
    const std::string before = read_file(daemon_.usage() + "/buffers/1");
    daemon_.kill_worker();
    const std::string after = read_file(daemon_.usage() + "/buffers/1");
    const auto without_ages = [](const std::string& text) {
        std::vector<std::string> lines;
        for (const std::string& line : lines_of(text.c_str())) {
            if (!line.starts_with("age: ") && !line.starts_with("look")) {
                lines.push_back(line);
            }
        }
        return lines;
    };
    EXPECT_EQ(without_ages(after), without_ages(before));
    EXPECT_NE(after.find("\ncreator_comm: holders\n"), std::string::npos) << after;
    EXPECT_EQ(after.find("\ncreated: -\n"), std::string::npos) << after;
    client_.signal(9);
    (void)client_.wait();
    EXPECT_TRUE(daemon_.wait_until_empty());
    daemon_.stop();
}

}  // namespace
}  // namespace ion::test
