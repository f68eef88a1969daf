// SPDX-License-Identifier: Apache-2.0
//
// Machine: what a machine's files say about it, below a root directory, so that a made-up one can be looked at as well.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

class Machine {
  public:
    /// Who wants to use the machine's files.
    struct User {
        uid_t uid = 0;
        std::vector<gid_t> groups;  ///< the primary one as well

        /// Of this process.
        [[nodiscard]] static User present();
    };

    struct File {
        mode_t mode = 0;
        uid_t owner = 0;
        gid_t group = 0;
    };

    enum class Driver {
        kUnknown,   ///< there is no list of modules, as in containers
        kAbsent,    ///< neither in the kernel nor among its modules
        kLoadable,  ///< a module
        kBuiltIn,
    };

    Machine(std::string root, User user) : root_(std::move(root)), user_(std::move(user)) {}

    /// Paths are absolute, as on the machine.
    [[nodiscard]] std::optional<File> file(const std::string& path) const;
    [[nodiscard]] bool exists(const std::string& path) const { return file(path).has_value(); }

    /// Content; empty when it cannot be read.
    [[nodiscard]] std::string text(const std::string& path) const;

    /// The first number in a file.
    [[nodiscard]] std::optional<std::uint64_t> figure(const std::string& path) const;

    /// Sorted; empty for what is no directory.
    [[nodiscard]] std::vector<std::string> names(const std::string& directory) const;

    /// The last part of what a symbolic link leads to; empty for what is none.
    [[nodiscard]] std::string target_name(const std::string& link) const;

    /// The user may read and write a file, by its mode or by an access control list.
    [[nodiscard]] bool may_use(const std::string& path) const;

    /// By the list of the running kernel's modules.
    [[nodiscard]] Driver driver(const std::string& module) const;

    /// Of /etc/group and /etc/passwd; the number for one without a name.
    [[nodiscard]] std::string group_name(gid_t group) const;
    [[nodiscard]] std::string user_name() const;

    [[nodiscard]] const User& user() const { return user_; }
    [[nodiscard]] std::string kernel() const;

  private:
    /// The name of a number in a file of lines "name:x:number:...".
    [[nodiscard]] std::string name_in(const std::string& path, std::uint64_t number) const;

    std::string root_;  ///< without a slash at the end; empty: this machine
    User user_;
};
