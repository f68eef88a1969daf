// SPDX-License-Identifier: Apache-2.0

#include "daemon/transport/usage_transport.h"

#define FUSE_USE_VERSION 35
#include <fcntl.h>
#include <fuse3/fuse_lowlevel.h>
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "daemon/transport/trampoline.h"

namespace ion {

namespace {

UsageTransport& transport_of(fuse_req_t request) {
    return *static_cast<UsageTransport*>(fuse_req_userdata(request));
}

UsageCaller caller_of(fuse_req_t request) {
    const fuse_ctx* context = fuse_req_ctx(request);
    return {context->pid, context->uid, context->gid};
}

TreeNames names_for(fuse_req_t request) {
    return transport_of(request).handler().names(caller_of(request));
}

void usage_init(void* /*userdata*/, fuse_conn_info* connection) {
    limit_requests(*connection);
}

struct stat attributes(fuse_req_t request, const TreeNode& node) {
    struct stat status {};
    status.st_ino = node.inode;
    const UsageOwner owner = transport_of(request).handler().owner();
    status.st_uid = owner.uid;
    status.st_gid = owner.gid;
    status.st_mode = (node.is_directory ? S_IFDIR : S_IFREG) | (node.permissions & owner.mode_mask);
    status.st_nlink = node.is_directory ? 2 : 1;
    if (!node.is_directory) {
        status.st_size =
            static_cast<off_t>(transport_of(request).handler().size(node.inode, caller_of(request)));
    }
    return status;
}

/// What comes with a truncation.
constexpr int kTruncation =
    FUSE_SET_ATTR_SIZE | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW | FUSE_SET_ATTR_CTIME;

// Timeouts are 0 throughout: files come and go and change their size without notice.

void usage_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
    guarded([&] {
        const auto node = lookup(parent, name, names_for(request));
        if (!node) {
            fuse_reply_err(request, ENOENT);
            return;
        }
        fuse_entry_param entry{};
        entry.ino = node->inode;
        entry.attr = attributes(request, *node);
        fuse_reply_entry(request, &entry);
    });
}

void usage_getattr(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
    guarded([&] {
        const auto node = node_of(inode, names_for(request));
        if (!node) {
            fuse_reply_err(request, ENOENT);
            return;
        }
        const struct stat status = attributes(request, *node);
        fuse_reply_attr(request, &status, 0);
    });
}

/// Truncation, as `echo N > file` wants it, changes nothing; nothing else can be set.
void usage_setattr(fuse_req_t request, fuse_ino_t inode, struct stat*, int what, fuse_file_info*) {
    guarded([&] {
        const auto node = node_of(inode, names_for(request));
        if (!node || (node->permissions & S_IWUSR) == 0 || (what & ~kTruncation) != 0) {
            fuse_reply_err(request, node ? EPERM : ENOENT);
            return;
        }
        const struct stat status = attributes(request, *node);
        fuse_reply_attr(request, &status, 0);
    });
}

void usage_write(fuse_req_t request, fuse_ino_t inode, const char* bytes, size_t size, off_t,
                 fuse_file_info*) {
    guarded([&] {
        const int error = transport_of(request).handler().write(inode, {bytes, size});
        error == 0 ? fuse_reply_write(request, size) : fuse_reply_err(request, error);
    });
}

void usage_open(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
    guarded([&] {
        UsageTransport& transport = transport_of(request);
        const UsageCaller caller = caller_of(request);
        const auto node = node_of(inode, transport.handler().names(caller));
        if (!node || ((file->flags & O_ACCMODE) != O_RDONLY && (node->permissions & S_IWUSR) == 0)) {
            fuse_reply_err(request, node ? EACCES : ENOENT);
            return;
        }
        const SlotIndex slot = transport.session().keep_current();
        fuse_reply_none(request);  // the answer is the handler's to send
        transport.handler().open(slot, inode, caller);
    });
}

void usage_release(fuse_req_t request, fuse_ino_t, fuse_file_info* file) {
    guarded([&] {
        UsageTransport& transport = transport_of(request);
        const SlotIndex slot = transport.session().keep_current();
        fuse_reply_none(request);
        transport.handler().release(slot, file->fh);
    });
}

void usage_read(fuse_req_t request, fuse_ino_t, size_t size, off_t offset, fuse_file_info* file) {
    const std::string* content = transport_of(request).handler().content(file->fh);
    if (content == nullptr) {
        fuse_reply_err(request, EBADF);
        return;
    }
    const std::size_t from = std::min(static_cast<std::size_t>(offset), content->size());
    fuse_reply_buf(request, content->data() + from, std::min(size, content->size() - from));
}

/// Where a directory is read on behind its entry number `index`: by inode, so that entries which come or go meanwhile make
/// no other be left out or listed twice.
std::uint64_t place_behind(std::size_t index, const TreeEntry& entry) {
    return index < 2 ? index + 1 : entry.node.inode + 2;
}

void usage_readdir(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset, fuse_file_info*) {
    guarded([&] {
        auto entries = list(inode, names_for(request));
        if (!entries) {
            fuse_reply_err(request, ENOTDIR);
            return;
        }
        std::sort(entries->begin() + 2, entries->end(),
                  [](const TreeEntry& a, const TreeEntry& b) { return a.node.inode < b.node.inode; });
        std::vector<char> out(size);
        std::size_t used = 0;
        for (std::size_t i = 0; i < entries->size(); ++i) {
            const TreeEntry& entry = (*entries)[i];
            if (place_behind(i, entry) <= static_cast<std::uint64_t>(offset)) {
                continue;
            }
            struct stat status {};
            status.st_ino = entry.node.inode;
            status.st_mode = entry.node.is_directory ? S_IFDIR : S_IFREG;
            const std::size_t need =
                fuse_add_direntry(request, out.data() + used, size - used, entry.name.c_str(), &status,
                                  static_cast<off_t>(place_behind(i, entry)));
            if (need > size - used) {
                break;
            }
            used += need;
        }
        fuse_reply_buf(request, out.data(), used);
    });
}

fuse_session* new_usage_session(UsageTransport* transport) {
    fuse_lowlevel_ops ops{};
    ops.init = usage_init;
    ops.lookup = usage_lookup;
    ops.getattr = usage_getattr;
    ops.setattr = usage_setattr;
    ops.open = usage_open;
    ops.write = usage_write;
    ops.read = usage_read;
    ops.release = usage_release;
    ops.readdir = usage_readdir;
    char program[] = "iond";
    char* words[] = {program, nullptr};
    fuse_args args = FUSE_ARGS_INIT(1, words);
    return fuse_session_new(&args, &ops, sizeof(ops), transport);
}

}  // namespace

Result<std::unique_ptr<UsageTransport>> UsageTransport::create(Journal& journal, int fd,
                                                               UsageHandler& handler) {
    std::unique_ptr<UsageTransport> transport(new UsageTransport(journal, fd, handler));
    fuse_session* session = new_usage_session(transport.get());
    if (session == nullptr) {
        return fail(ENOMEM, "libfuse: no session");
    }
    if (auto attached = transport->session_.attach(session); !attached) {
        return attached.error();
    }
    return transport;
}

}  // namespace ion
