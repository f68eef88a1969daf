// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/system_journal.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "daemon/base/unique_fd.h"

namespace ion {

namespace {

constexpr std::string_view kSocket = "/run/systemd/journal/socket";

}  // namespace

bool stderr_is_journal() {
    const char* const stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    return stream != nullptr && ::fstat(STDERR_FILENO, &status) == 0 &&
           std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

void JournalEntry::add(std::string_view name, std::string_view value) {
    bytes_ += name;
    if (value.find('\n') == std::string_view::npos) {
        bytes_ += '=';
    } else {  // its length, 64 bits, little-endian
        bytes_ += '\n';
        for (std::uint64_t left = value.size(), i = 0; i < sizeof(left); ++i, left >>= 8) {
            bytes_ += static_cast<char>(left & 0xff);
        }
    }
    bytes_ += value;
    bytes_ += '\n';
}

bool JournalEntry::send() const {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    kSocket.copy(address.sun_path, kSocket.size());
    return socket && ::sendto(socket.get(), bytes_.data(), bytes_.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address), sizeof(address)) >= 0;
}

}  // namespace ion
