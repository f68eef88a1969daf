// SPDX-License-Identifier: Apache-2.0
//
// FakeDriver: answers every ioctl of this program (linked with --wrap=ioctl) as a driver would that the test makes up.

#pragma once

#include <functional>
#include <map>
#include <vector>

namespace ion::test {

/// One at a time; without one, an ioctl fails with ENOSYS.
class FakeDriver {
  public:
    FakeDriver();
    ~FakeDriver();
    FakeDriver(const FakeDriver&) = delete;
    FakeDriver& operator=(const FakeDriver&) = delete;

    /// `command` succeeds, after `answer` has filled in its struct.
    template <typename Data>
    void on(unsigned long command, std::function<void(Data&)> answer) {
        answers_[command] = [answer = std::move(answer)](void* data) {
            answer(*static_cast<Data*>(data));
            return 0;
        };
    }

    /// `command` fails. Those of which nothing is said fail with ENOTTY.
    void fail(unsigned long command, int error);

    /// The commands since the last time this was asked.
    [[nodiscard]] std::vector<unsigned long> take_calls();

    /// 0 or an errno.
    int call(unsigned long command, void* data);

  private:
    std::map<unsigned long, std::function<int(void*)>> answers_;
    std::vector<unsigned long> calls_;
};

}  // namespace ion::test
