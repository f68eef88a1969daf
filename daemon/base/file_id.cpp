// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/file_id.h"

#include <sys/stat.h>

namespace ion {

Result<FileId> file_id_of(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        return fail_errno(errno, "fstat");
    }
    return FileId{status.st_dev, status.st_ino};
}

bool still_is(int fd, const FileId& file) {
    const auto found = file_id_of(fd);
    return found && *found == file;
}

}  // namespace ion
