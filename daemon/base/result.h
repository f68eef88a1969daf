// SPDX-License-Identifier: Apache-2.0
//
// Result: a value or the errno that explains its absence.

#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ion {

/// Why something failed. `code` (a positive errno) is what a client sees; `context` is for the log.
struct Error {
    int code = EIO;
    std::string context;
};

/// Holds either a `T` or an `Error`. Member names follow std::expected.
template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor): return value;
    Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor): return fail();

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& operator*() & { return std::get<0>(state_); }
    const T& operator*() const& { return std::get<0>(state_); }
    T&& operator*() && { return std::get<0>(std::move(state_)); }
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }

    [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

  private:
    std::variant<T, Error> state_;
};

/// A success without a value, or an `Error`.
template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool has_value() const { return ok_; }
    explicit operator bool() const { return ok_; }
    [[nodiscard]] const Error& error() const { return error_; }

  private:
    Error error_;
    bool ok_ = true;
};

/// An `Error` with a fixed errno.
[[nodiscard]] inline Error fail(int code, std::string context) {
    return Error{code, std::move(context)};
}

/// An `Error` from a failed system call: `errno_value` is what errno was, `what` names the call.
[[nodiscard]] Error fail_errno(int errno_value, std::string_view what);

}  // namespace ion
