// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/runtime_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace ion {

namespace {

constexpr int kControlBacklog = 64;

std::string why() {
    return std::strerror(errno);
}

/// The mount point of a daemon that was killed answers ENOTCONN for ever.
void clear_dead_mount(const std::string& directory) {
    struct stat status {};
    while (::stat(directory.c_str(), &status) != 0 && errno == ENOTCONN) {
        if (::umount2(directory.c_str(), MNT_DETACH) != 0) {
            return;
        }
    }
}

}  // namespace

RuntimeFiles::~RuntimeFiles() {
    while (!undo_.empty()) {
        undo_.back()();
        undo_.pop_back();
    }
    for (auto directory = made_.rbegin(); directory != made_.rend(); ++directory) {
        ::rmdir(directory->c_str());
    }
}

Result<void> RuntimeFiles::make_directory(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    const std::string parent = path.substr(0, slash == std::string::npos ? 0 : slash);
    struct stat status {};
    if (!parent.empty() && ::stat(parent.c_str(), &status) != 0) {
        if (auto made = make_directory(parent); !made) {
            return made;
        }
    }
    clear_dead_mount(path);
    if (::mkdir(path.c_str(), 0755) == 0) {
        made_.push_back(path);
        write_made();
        return {};
    }
    if (errno != EEXIST) {
        return fail(errno, "cannot make the directory " + path + " (" + why() +
                               "): run as root, or choose another by --runtime-dir");
    }
    return {};
}

Result<void> RuntimeFiles::lock(const std::string& path) {
    lock_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock_) {
        return fail(errno,
                    "cannot open " + path + " (" + why() + "): run as root, or choose another --runtime-dir");
    }
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(EBUSY,
                    path + " is locked: another iond runs here; stop it, or choose another --runtime-dir");
    }
    adopt_file(path);
    read_made();
    return {};
}

void RuntimeFiles::adopt_lock(const std::string& path, UniqueFd fd) {
    lock_ = std::move(fd);
    adopt_file(path);
    read_made();
}

void RuntimeFiles::adopt_mount(const std::string& directory) {
    undo_.emplace_back([directory] { ::umount2(directory.c_str(), MNT_DETACH); });
}

void RuntimeFiles::adopt_file(const std::string& path) {
    undo_.emplace_back([path] { ::unlink(path.c_str()); });
}

/// Those of a former daemon were made before ours. A line without its end is of one that was killed while writing it.
void RuntimeFiles::read_made() {
    std::array<char, 4096> room{};
    const ssize_t size = ::pread(lock_.get(), room.data(), room.size(), 0);
    std::string text(room.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    std::vector<std::string> former;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        former.push_back(text.substr(0, end));
        text.erase(0, end + 1);
    }
    made_.insert(made_.begin(), former.begin(), former.end());
    write_made();
}

void RuntimeFiles::write_made() const {
    if (!lock_) {
        return;
    }
    std::string text;
    for (const std::string& directory : made_) {
        text += directory + "\n";
    }
    (void)!::pwrite(lock_.get(), text.data(), text.size(), 0);
    (void)!::ftruncate(lock_.get(), static_cast<off_t>(text.size()));
}

Result<UniqueFd> RuntimeFiles::mount(const std::string& directory, const std::string& type) {
    UniqueFd connection(::open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (!connection) {
        return fail(errno,
                    "cannot open /dev/fuse (" + why() + "): load the module (modprobe fuse), run as root");
    }
    const std::string options =
        "fd=" + std::to_string(connection.get()) + ",rootmode=40755,user_id=" + std::to_string(::geteuid()) +
        ",group_id=" + std::to_string(::getegid()) + ",allow_other,default_permissions";
    const std::string full_type = "fuse." + type;
    if (::mount("iond", directory.c_str(), full_type.c_str(), MS_NOSUID | MS_NODEV | MS_NOEXEC,
                options.c_str()) != 0) {
        return fail(errno, "cannot mount on " + directory + " (" + why() + "): run as root");
    }
    adopt_mount(directory);
    return connection;
}

Result<void> RuntimeFiles::link(const std::string& link, const std::string& target) {
    std::array<char, 4096> current{};
    const ssize_t length = ::readlink(link.c_str(), current.data(), current.size() - 1);
    if (length > 0 && target == current.data()) {
        ::unlink(link.c_str());  // ours, left by a killed daemon
    }
    if (::symlink(target.c_str(), link.c_str()) != 0) {
        return fail(errno, errno == EEXIST
                               ? link + " is occupied: remove it, or choose another name by --device-name"
                               : "cannot make the link " + link + " (" + why() + "): run as root");
    }
    adopt_file(link);
    return {};
}

Result<UniqueFd> RuntimeFiles::listen(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return fail(ENAMETOOLONG, path + " is too long for a socket: choose a shorter --runtime-dir");
    }
    path.copy(address.sun_path, path.size());
    UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::unlink(path.c_str());  // the directory is locked, so it is a killed daemon's
    const mode_t former = ::umask(0177);
    const bool bound =
        socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::umask(former);
    if (!bound || ::listen(socket.get(), kControlBacklog) != 0) {
        return fail(errno, "cannot listen on " + path + " (" + why() + ")");
    }
    adopt_file(path);
    return socket;
}

Result<UniqueFd> open_cuse(const std::string& device) {
    struct stat status {};
    if (::lstat(device.c_str(), &status) == 0) {
        return fail(EEXIST, device + " is occupied: remove it, or choose another name by --device-name");
    }
    UniqueFd connection(::open("/dev/cuse", O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (!connection) {
        return fail(errno, "cannot open /dev/cuse (" + why() +
                               "): load the module (modprobe cuse) and run as root, or use --transport=node");
    }
    return connection;
}

}  // namespace ion
