// SPDX-License-Identifier: Apache-2.0

#include "daemon/transport/device_transport.h"

#define FUSE_USE_VERSION 35
#include <fuse3/cuse_lowlevel.h>

#include "daemon/transport/node_ops.h"
#include "daemon/transport/trampoline.h"

namespace ion {

namespace {

DeviceTransport& transport_of(fuse_req_t request) {
    return *static_cast<DeviceTransport*>(fuse_req_userdata(request));
}

void cuse_open(fuse_req_t request, fuse_file_info* file) {
    device_open(request, file);
}

void cuse_ioctl(fuse_req_t request, int command, void* argument, fuse_file_info* file, unsigned flags,
                const void* input, size_t input_size, size_t output_size) {
    // libfuse 3.14 declares the command as int although ION's exceed INT_MAX.
    device_ioctl(request, static_cast<std::uint32_t>(command), argument, file, flags, input, input_size,
                 output_size);
}

/// ION has neither read nor write; the kernel's driver answers EINVAL.
void refuse_read(fuse_req_t request, size_t, off_t, fuse_file_info*) {
    fuse_reply_err(request, EINVAL);
}
void refuse_write(fuse_req_t request, const char*, size_t, off_t, fuse_file_info*) {
    fuse_reply_err(request, EINVAL);
}

void cuse_init(void* /*userdata*/, fuse_conn_info* connection) {
    limit_requests(*connection);
}

void cuse_init_done(void* userdata) {
    guarded([&] { static_cast<DeviceTransport*>(userdata)->handler().transport_ready(); });
}

fuse_session* new_cuse_session(const std::string& device_name, DeviceTransport* transport) {
    const std::string name = "DEVNAME=" + device_name;
    const char* info_words[] = {name.c_str()};
    cuse_info info{};
    info.dev_info_argc = 1;
    info.dev_info_argv = info_words;
    info.flags = 0;  // restricted: one round trip, and the same behaviour as the node
    cuse_lowlevel_ops ops{};
    ops.init = cuse_init;
    ops.init_done = cuse_init_done;
    ops.open = cuse_open;
    ops.read = refuse_read;
    ops.write = refuse_write;
    ops.release = device_release;
    ops.ioctl = cuse_ioctl;
    char program[] = "iond";
    char* words[] = {program, nullptr};
    fuse_args args = FUSE_ARGS_INIT(1, words);
    return cuse_lowlevel_new(&args, &info, &ops, transport);
}

}  // namespace

void device_open(fuse_req_t request, fuse_file_info* file) {
    guarded([&] {
        DeviceTransport& transport = transport_of(request);
        const fuse_ctx* context = fuse_req_ctx(request);
        const RequestCaller caller{context->pid, context->uid, context->gid};
        const auto flags = static_cast<std::uint32_t>(file->flags);
        const SlotIndex slot = transport.session().keep_current();
        fuse_reply_none(request);  // the answer is ours to send
        transport.handler().open(slot, caller, flags);
    });
}

void device_release(fuse_req_t request, fuse_file_info* file) {
    guarded([&] {
        DeviceTransport& transport = transport_of(request);
        const SlotIndex slot = transport.session().keep_current();
        fuse_reply_none(request);
        transport.handler().release(slot, file->fh);
    });
}

void device_ioctl(fuse_req_t request, std::uint32_t command, void* argument, fuse_file_info* file,
                  unsigned flags, const void* input, std::size_t input_size, std::size_t /*output_size*/) {
    guarded([&] {
        DeviceTransport& transport = transport_of(request);
        const fuse_ctx* context = fuse_req_ctx(request);
        const RequestCaller caller{context->pid, context->uid, context->gid};
        const SlotIndex slot = transport.session().keep_current();
        fuse_reply_none(request);
        transport.handler().ioctl(slot, caller,
                                  IoctlRequest{file->fh, command, reinterpret_cast<std::uintptr_t>(argument),
                                               (flags & (FUSE_IOCTL_COMPAT)) != 0,
                                               std::span(static_cast<const std::byte*>(input), input_size)});
    });
}

Result<std::unique_ptr<DeviceTransport>> DeviceTransport::create(Journal& journal, TransportKind kind, int fd,
                                                                 const std::string& device_name,
                                                                 DeviceHandler& handler) {
    std::unique_ptr<DeviceTransport> transport(new DeviceTransport(journal, fd, handler));
    fuse_session* session = kind == TransportKind::kCuse ? new_cuse_session(device_name, transport.get())
                                                         : new_node_session(transport.get());
    if (session == nullptr) {
        return fail(ENOMEM, "libfuse: no session");
    }
    transport->session_.set_owners([&handler](std::uint64_t file) { return handler.owner_of(file); });
    transport->session_.on_interrupt([&handler](SlotIndex slot) { handler.interrupted(slot); });
    if (auto attached = transport->session_.attach(session); !attached) {
        return attached.error();
    }
    return transport;
}

}  // namespace ion
