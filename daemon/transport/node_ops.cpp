// SPDX-License-Identifier: Apache-2.0

#include "daemon/transport/node_ops.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cstring>

#include "daemon/transport/device_transport.h"
#include "daemon/transport/trampoline.h"

namespace ion {

namespace {

constexpr fuse_ino_t kNodeInode = 2;
constexpr double kForever = 1e6;  // seconds; the tree never changes

void fill_attributes(fuse_ino_t inode, struct stat& status) {
    status = {};
    status.st_ino = inode;
    status.st_mode = inode == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0666;
    status.st_nlink = inode == FUSE_ROOT_ID ? 2 : 1;
}

void node_init(void* userdata, fuse_conn_info* connection) {
    limit_requests(*connection);
    guarded([&] { static_cast<DeviceTransport*>(userdata)->handler().transport_ready(); });
}

void node_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
    if (parent != FUSE_ROOT_ID || std::strcmp(name, kNodeFileName) != 0) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    fuse_entry_param entry{};
    entry.ino = kNodeInode;
    entry.attr_timeout = kForever;
    entry.entry_timeout = kForever;
    fill_attributes(kNodeInode, entry.attr);
    fuse_reply_entry(request, &entry);
}

void node_getattr(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
    struct stat status {};
    fill_attributes(inode, status);
    fuse_reply_attr(request, &status, kForever);
}

/// A device has no size to set; chmod and chown of the node are not kept. open(O_TRUNC) does not come here.
void node_setattr(fuse_req_t request, fuse_ino_t inode, struct stat*, int to_set, fuse_file_info*) {
    if ((to_set & FUSE_SET_ATTR_SIZE) != 0) {
        fuse_reply_err(request, EINVAL);
        return;
    }
    if ((to_set & ~(FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW | FUSE_SET_ATTR_CTIME |
                    FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW)) != 0) {
        fuse_reply_err(request, EPERM);
        return;
    }
    node_getattr(request, inode, nullptr);
}

void node_open(fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
    if ((file->flags & O_DIRECT) != 0) {
        fuse_reply_err(request, EINVAL);  // as from a device, which the kernel itself refuses
        return;
    }
    device_open(request, file);
}

void node_fsync(fuse_req_t request, fuse_ino_t, int, fuse_file_info*) {
    fuse_reply_err(request, EINVAL);
}

void node_fallocate(fuse_req_t request, fuse_ino_t, int, off_t, off_t, fuse_file_info*) {
    fuse_reply_err(request, ENODEV);
}

void node_release(fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
    device_release(request, file);
}

void node_ioctl(fuse_req_t request, fuse_ino_t, unsigned command, void* argument, fuse_file_info* file,
                unsigned flags, const void* input, size_t input_size, size_t output_size) {
    device_ioctl(request, command, argument, file, flags, input, input_size, output_size);
}

void node_read(fuse_req_t request, fuse_ino_t, size_t, off_t, fuse_file_info*) {
    fuse_reply_err(request, EINVAL);
}

void node_write(fuse_req_t request, fuse_ino_t, const char*, size_t, off_t, fuse_file_info*) {
    fuse_reply_err(request, EINVAL);
}

void node_readdir(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset, fuse_file_info*) {
    if (inode != FUSE_ROOT_ID) {
        fuse_reply_err(request, ENOTDIR);
        return;
    }
    constexpr std::array<std::pair<const char*, fuse_ino_t>, 3> entries = {
        {{".", FUSE_ROOT_ID}, {"..", FUSE_ROOT_ID}, {kNodeFileName, kNodeInode}}};
    std::array<char, 512> out{};
    std::size_t used = 0;
    for (auto i = static_cast<std::size_t>(offset); i < entries.size(); ++i) {
        struct stat status {};
        fill_attributes(entries[i].second, status);
        const std::size_t room = std::min(size, out.size()) - used;
        const std::size_t need = fuse_add_direntry(request, out.data() + used, room, entries[i].first,
                                                   &status, static_cast<off_t>(i + 1));
        if (need > room) {
            break;
        }
        used += need;
    }
    fuse_reply_buf(request, out.data(), used);
}

}  // namespace

fuse_session* new_node_session(void* userdata) {
    fuse_lowlevel_ops ops{};
    ops.init = node_init;
    ops.lookup = node_lookup;
    ops.getattr = node_getattr;
    ops.setattr = node_setattr;
    ops.open = node_open;
    ops.read = node_read;
    ops.write = node_write;
    ops.release = node_release;
    ops.ioctl = node_ioctl;
    ops.readdir = node_readdir;
    ops.fsync = node_fsync;
    ops.fallocate = node_fallocate;
    char program[] = "iond";
    char* words[] = {program, nullptr};
    fuse_args args = FUSE_ARGS_INIT(1, words);
    return fuse_session_new(&args, &ops, sizeof(ops), userdata);
}

}  // namespace ion
