// SPDX-License-Identifier: Apache-2.0

#include "daemon/config/load.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "daemon/base/unique_fd.h"

namespace ion {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;  // a mistyped path must not be read for ever

Result<ConfigText> read_text(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return fail_errno(errno, "open " + path);
    }
    ConfigText text{path, {}};
    std::array<char, 4096> chunk{};
    for (;;) {
        const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return fail_errno(errno, "read " + path);
        }
        if (count == 0) {
            return text;
        }
        text.text.append(chunk.data(), static_cast<std::size_t>(count));
        if (text.text.size() > kMaxBytes) {
            return fail_errno(EFBIG, "read " + path);
        }
    }
}

/// Paths of the drop-in files, sorted; empty when there is no such directory.
Result<std::vector<std::string>> drop_ins(const std::string& directory) {
    std::vector<std::string> paths;
    std::error_code problem;
    auto entry = std::filesystem::directory_iterator(directory, problem);
    while (!problem && entry != std::filesystem::directory_iterator()) {
        const std::filesystem::path& path = entry->path();
        if (path.extension() == ".toml" && path.filename().native().front() != '.') {
            paths.push_back(path.native());
        }
        entry.increment(problem);
    }
    if (problem && problem != std::errc::no_such_file_or_directory) {
        return fail_errno(problem.value(), "read directory " + directory);
    }
    std::ranges::sort(paths);
    return paths;
}

Result<std::vector<ConfigText>> texts_in(const std::string& directory) {
    std::vector<ConfigText> texts;
    auto main_text = read_text(directory + "/iond.toml");
    if (main_text) {
        texts.push_back(*std::move(main_text));
    } else if (main_text.error().code != ENOENT) {
        return main_text.error();
    }
    const auto paths = drop_ins(directory + "/iond.d");
    if (!paths) {
        return paths.error();
    }
    for (const std::string& path : *paths) {
        auto text = read_text(path);
        if (!text) {
            return text.error();
        }
        texts.push_back(*std::move(text));
    }
    return texts;
}

}  // namespace

Result<std::vector<ConfigText>> read_config_texts(const ConfigPaths& paths) {
    if (paths.file.empty()) {
        return texts_in(paths.directory);
    }
    auto text = read_text(paths.file);
    if (!text) {
        return text.error();
    }
    return std::vector<ConfigText>{*std::move(text)};
}

Result<Config> load_config(const ConfigPaths& paths, std::span<const HeapType> types) {
    const auto texts = read_config_texts(paths);
    if (!texts) {
        return texts.error();
    }
    return parse_config(*texts, types);
}

}  // namespace ion
