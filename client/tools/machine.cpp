// SPDX-License-Identifier: Apache-2.0

#include "client/tools/machine.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "client/usage/fields.h"
#include "daemon/base/file_text.h"

Machine::User Machine::User::present() {
    User user{.uid = ::geteuid(), .groups = {::getegid()}};
    std::vector<gid_t> more(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    if (::getgroups(static_cast<int>(more.size()), more.data()) >= 0) {
        user.groups.insert(user.groups.end(), more.begin(), more.end());
    }
    return user;
}

std::optional<Machine::File> Machine::file(const std::string& path) const {
    struct stat status {};
    if (::stat((root_ + path).c_str(), &status) != 0) {
        return std::nullopt;
    }
    return File{.mode = status.st_mode, .owner = status.st_uid, .group = status.st_gid};
}

std::string Machine::text(const std::string& path) const {
    return ion::file_text(root_ + path);
}

std::optional<std::uint64_t> Machine::figure(const std::string& path) const {
    std::istringstream stream(text(path));
    std::uint64_t value = 0;
    return stream >> value ? std::optional(value) : std::nullopt;
}

std::vector<std::string> Machine::names(const std::string& directory) const {
    std::vector<std::string> result;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(root_ + directory, error)) {
        result.push_back(entry.path().filename());
    }
    std::ranges::sort(result);
    return result;
}

std::string Machine::target_name(const std::string& link) const {
    std::error_code error;
    return std::filesystem::read_symlink(root_ + link, error).filename();
}

bool Machine::may_use(const std::string& path) const {
    const auto found = file(path);
    if (!found) {
        return false;
    }
    const bool in_group = std::ranges::find(user_.groups, found->group) != user_.groups.end();
    const mode_t both = S_IROTH | S_IWOTH;
    const mode_t granted = found->owner == user_.uid ? found->mode >> 6
                           : in_group                ? found->mode >> 3
                                                     : found->mode;
    return user_.uid == 0 || (granted & both) == both ||
           (root_.empty() && ::access(path.c_str(), R_OK | W_OK) == 0);
}

Machine::Driver Machine::driver(const std::string& module) const {
    const std::string modules = "/lib/modules/" + kernel() + "/modules.";
    const auto lists = [&](const char* file) {
        return text(modules + file).find("/" + module + ".ko") != std::string::npos;
    };
    if (lists("builtin")) {
        return Driver::kBuiltIn;
    }
    if (lists("dep")) {
        return Driver::kLoadable;
    }
    return exists(modules + "dep") || exists(modules + "builtin") ? Driver::kAbsent : Driver::kUnknown;
}

std::string Machine::name_in(const std::string& path, std::uint64_t number) const {
    const std::string content = text(path);
    for (const std::string_view line : ion::usage::lines(content)) {
        const std::size_t name_end = line.find(':');
        const std::size_t number_begin = line.find(':', name_end + 1);
        if (name_end == std::string_view::npos || number_begin == std::string_view::npos) {
            continue;
        }
        const std::string_view rest = line.substr(number_begin + 1);
        if (ion::usage::number(rest.substr(0, rest.find(':'))) == number) {
            return std::string(line.substr(0, name_end));
        }
    }
    return std::to_string(number);
}

std::string Machine::group_name(gid_t group) const {
    return name_in("/etc/group", group);
}

std::string Machine::user_name() const {
    return name_in("/etc/passwd", user_.uid);
}

std::string Machine::kernel() const {
    const std::string release = text("/proc/sys/kernel/osrelease");
    return release.substr(0, release.find('\n'));
}
