// SPDX-License-Identifier: Apache-2.0

#include "plugins/plugin_image.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

constexpr std::uint64_t kMaxBytes = 64ULL << 20;
constexpr unsigned kMfdExec = 0x10;  // MFD_EXEC of Linux 6.3, unknown to older kernels and headers

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
#error "name this machine's ELF number"
#endif

UniqueFd executable_memfd(const std::string& path) {
    // The name is what debuggers and /proc/PID/maps show.
    const std::string name = path.substr(path.find_last_of('/') + 1).substr(0, 200);
    UniqueFd fd(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING | kMfdExec));
    if (!fd && errno == EINVAL) {
        fd.reset(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
    }
    return fd;
}

/// A file that is still being written is cut: to load it would end the process by SIGBUS.
Result<void> check_segments(int fd, const Elf64_Ehdr& head) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        return fail_errno(errno, "fstat");
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    for (unsigned i = 0; i < head.e_phnum; ++i) {
        Elf64_Phdr segment{};
        const auto at = checked_add(head.e_phoff, i * sizeof(segment));
        if (!at || *at > size ||
            ::pread(fd, &segment, sizeof(segment), static_cast<off_t>(*at)) != sizeof(segment)) {
            return fail(ENOEXEC, "is cut short");
        }
        const auto end = checked_add(segment.p_offset, segment.p_filesz);
        if (!end || *end > size) {
            return fail(ENOEXEC, "is cut short");
        }
    }
    return {};
}

/// Errors: without a name, which the caller puts before them.
Result<void> check_elf(int fd) {
    Elf64_Ehdr head{};
    const ssize_t size = ::pread(fd, &head, sizeof(head), 0);
    if (size < static_cast<ssize_t>(EI_NIDENT) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) {
        return fail(ENOEXEC, "is not a shared object");
    }
    if (head.e_ident[EI_CLASS] != ELFCLASS64 || size < static_cast<ssize_t>(sizeof(head)) ||
        head.e_machine != kMachine) {
        return fail(ENOEXEC, "was built for another kind of machine");
    }
    if (head.e_type != ET_DYN) {
        return fail(ENOEXEC, "is not a shared object: link it with -shared");
    }
    return check_segments(fd, head);
}

Result<void> copy_all(int from, int to) {
    std::array<std::byte, 1 << 16> chunk;
    std::uint64_t total = 0;
    for (;;) {
        const ssize_t count = ::read(from, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return fail_errno(errno, "read");
        }
        if (count == 0) {
            return {};
        }
        total += static_cast<std::uint64_t>(count);
        if (total > kMaxBytes) {
            return fail_errno(EFBIG, "read");
        }
        if (::write(to, chunk.data(), static_cast<std::size_t>(count)) != count) {
            return fail_errno(errno, "write");
        }
    }
}

}  // namespace

Result<PluginImage> PluginImage::read(const std::string& path) {
    const auto problem = [&](const Error& error) {
        return fail(error.code, "plug-in " + path + ": " + error.context);
    };
    // O_NONBLOCK: a FIFO must not hold the caller up.
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) {
        return problem(fail_errno(errno, "open"));
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return problem(fail(ENOEXEC, "is not a regular file"));
    }
    UniqueFd copy = executable_memfd(path);
    if (!copy) {
        return problem(fail_errno(errno, "memfd_create"));
    }
    if (auto copied = copy_all(file.get(), copy.get()); !copied) {
        return problem(copied.error());
    }
    if (auto checked = check_elf(copy.get()); !checked) {
        return problem(checked.error());
    }
    if (::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        return problem(fail_errno(errno, "fcntl(F_ADD_SEALS)"));
    }
    return PluginImage(path, std::move(copy));
}

bool PluginImage::same_bytes(const PluginImage& other) const {
    std::array<std::byte, 1 << 14> mine;
    std::array<std::byte, 1 << 14> theirs;
    off_t at = 0;
    for (;;) {
        const ssize_t a = ::pread(fd(), mine.data(), mine.size(), at);
        const ssize_t b = ::pread(other.fd(), theirs.data(), theirs.size(), at);
        if (a < 0 || a != b || std::memcmp(mine.data(), theirs.data(), static_cast<std::size_t>(a)) != 0) {
            return false;
        }
        if (a == 0) {
            return true;
        }
        at += a;
    }
}

}  // namespace ion
