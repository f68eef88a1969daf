// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client/fake_driver.h"

#include <cerrno>
#include <cstdarg>
#include <utility>

namespace ion::test {
namespace {

FakeDriver* present = nullptr;

}  // namespace

FakeDriver::FakeDriver() {
    present = this;
}

FakeDriver::~FakeDriver() {
    present = nullptr;
}

void FakeDriver::fail(unsigned long command, int error) {
    answers_[command] = [error](void*) { return error; };
}

std::vector<unsigned long> FakeDriver::take_calls() {
    return std::exchange(calls_, {});
}

int FakeDriver::call(unsigned long command, void* data) {
    calls_.push_back(command);
    const auto answer = answers_.find(command);
    return answer == answers_.end() ? ENOTTY : answer->second(data);
}

// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl50-cpp,cert-dcl51-cpp): the linker's name
extern "C" int __wrap_ioctl(int /*fd*/, unsigned long command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void* data = va_arg(arguments, void*);
    va_end(arguments);
    errno = present == nullptr ? ENOSYS : present->call(command, data);
    return errno == 0 ? 0 : -1;
}

}  // namespace ion::test
