// SPDX-License-Identifier: Apache-2.0
//
// What tests that change a running daemon's heaps need: plug-ins of this build, a configuration to rewrite, clients
// that allocate when they are told, and ionctl.

#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/node/daemon_fixture.h"
#include "tests/node/program.h"

namespace ion::test {

inline std::string plugin_file(const std::string& name) {
    return ION_BINARY_DIR "/lib/" + name + ".so";
}

/// A [[heap]] table.
inline std::string heap_table(const std::string& type, const std::string& name, int id,
                              const std::string& more = {}) {
    return "[[heap]]\ntype = \"" + type + "\"\nname = \"" + name + "\"\nid = " + std::to_string(id) + "\n" +
           more;
}

/// One of the type "unruly" (tests/plugins/unruly_heap.cpp), with its own region.
inline std::string unruly_table(const std::string& name, int id, const std::string& align = "0x1000") {
    return heap_table(
        "unruly", name, id,
        "base = " + std::to_string(0x40000000 + (id << 24)) + "\nsize = \"1M\"\nalign = " + align + "\n");
}

/// A client that allocates one page from the heaps of a mask each time it is told.
class Allocator {
  public:
    Allocator(const Daemon& daemon, std::uint32_t mask)
        : program_(client_path("allocate"), {daemon.device(), std::to_string(mask)}) {}

    /// "ok", an errno, or "no answer".
    std::string allocate() {
        ask();
        return program_.read_line().value_or("no answer");
    }

    /// Has it allocate, and does not wait for what comes of it.
    void ask() { program_.write_line(); }

    /// Lets go of everything.
    void end() {
        program_.close_input();
        const int status = program_.wait();
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }

    void signal(int number) const { program_.signal(number); }
    [[nodiscard]] int wait() { return program_.wait(); }
    [[nodiscard]] pid_t pid() const { return program_.pid(); }

  private:
    Program program_;
};

struct Answer {
    int status = -1;
    std::string text;  ///< both outputs
};

/// Runs this build's ionctl on a daemon.
inline Answer ionctl(const Daemon& daemon, const std::string& arguments) {
    Program program("/bin/sh", {"-c", "exec 2>&1; exec " ION_BINARY_DIR "/bin/ionctl --runtime-dir " +
                                          daemon.directory() + " " + arguments});
    Answer answer;
    for (const std::string& line : program.read_lines()) {
        answer.text += line + "\n";
    }
    const int status = program.wait();
    answer.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return answer;
}

/// Has the journal of a daemon say that it is of another version. Returns the one that it was of.
inline std::uint32_t set_journal_version(const Daemon& daemon, std::uint32_t version) {
    constexpr off_t kVersionAt = 8;  // daemon/journal/journal_layout.h, behind the magic
    std::uint32_t former = 0;
    for (const std::string& line : daemon.descriptors()) {
        if (line.find("/memfd:iond-journal") != std::string::npos) {
            const std::string path =
                "/proc/" + std::to_string(daemon.keeper()) + "/fd/" + line.substr(0, line.find(' '));
            const UniqueFd journal(::open(path.c_str(), O_RDWR | O_CLOEXEC));
            EXPECT_EQ(::pread(journal.get(), &former, sizeof(former), kVersionAt), 4);
            EXPECT_EQ(::pwrite(journal.get(), &version, sizeof(version), kVersionAt), 4);
        }
    }
    EXPECT_NE(former, 0U) << "there is no journal";
    return former;
}

/// A file of a test, removed with its object.
class ScratchFile {
  public:
    explicit ScratchFile(const std::string& text) {
        const int fd = ::mkstemp(path_.data());
        EXPECT_GE(fd, 0);
        ::close(fd);
        write(text);
    }
    ~ScratchFile() { std::filesystem::remove(path_); }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    void write(const std::string& text) const { std::ofstream(path_) << text; }

    /// Puts a copy of another file in its place, as a linker does.
    void replace_by(const std::string& other) const {
        std::filesystem::remove(path_);
        std::filesystem::copy_file(other, path_);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_ = "/tmp/ion-file-XXXXXX";
};

}  // namespace ion::test
