// SPDX-License-Identifier: Apache-2.0
//
// The fields of each record, in journal order, for whoever walks them: sizer, writer and reader are the same
// code. A field added or moved here changes the journal's version (journal_layout.h).

#pragma once

#include "daemon/core/record.h"

namespace ion {

template <typename Walk>
void fields(Walk& walk, ClientOpened& r) {
    walk(r.client, r.pid, r.serial, r.comm, r.uid, r.gid, r.open_flags);
}
template <typename Walk>
void fields(Walk& walk, ClientClosed& r) {
    walk(r.client);
}
template <typename Walk>
void fields(Walk& walk, ClientUsedHandles& r) {
    walk(r.client);
}
template <typename Walk>
void fields(Walk& walk, BufferCreated& r) {
    walk(r.buffer, r.heap, r.size, r.align, r.flags, r.exporter, r.fd, r.file, r.placement, r.owner, r.pid,
         r.comm);
}
template <typename Walk>
void fields(Walk& walk, BufferReleased& r) {
    walk(r.buffer);
}
template <typename Walk>
void fields(Walk& walk, BufferExported& r) {
    walk(r.buffer);
}
template <typename Walk>
void fields(Walk& walk, BufferFlagsSet& r) {
    walk(r.buffer, r.flags);
}
template <typename Walk>
void fields(Walk& walk, HandleAdded& r) {
    walk(r.client, r.handle, r.buffer);
}
template <typename Walk>
void fields(Walk& walk, HandleReferenced& r) {
    walk(r.client, r.handle, r.delta);
}
template <typename Walk>
void fields(Walk& walk, DeliveryStarted& r) {
    walk(r.job, r.slot, r.injector_fd, r.client, r.buffer, r.message);
}
template <typename Walk>
void fields(Walk& walk, DeliveryEnded& r) {
    walk(r.job);
}
template <typename Walk>
void fields(Walk& walk, ChannelOpened& r) {
    walk(r.client, r.pid, r.fd, r.file);
}
template <typename Walk>
void fields(Walk& walk, ChannelClosed& r) {
    walk(r.client, r.pid);
}
template <typename Walk>
void fields(Walk& walk, InjectorStarted& r) {
    walk(r.fd, r.pid, r.file);
}
template <typename Walk>
void fields(Walk& walk, InjectorGone& r) {
    walk(r.fd);
}
template <typename Walk>
void fields(Walk& walk, ArenaCreated& r) {
    walk(r.heap, r.fd, r.file);
}
template <typename Walk>
void fields(Walk& walk, UsageOpened& r) {
    walk(r.file, r.inode, r.pid, r.content);
}
template <typename Walk>
void fields(Walk& walk, UsageClosed& r) {
    walk(r.file);
}
template <typename Walk>
void fields(Walk& walk, Counters& r) {
    walk(r.next_client, r.next_buffer, r.next_usage_file, r.next_token);
}
template <typename Walk>
void fields(Walk& walk, TokenUsed& r) {
    walk(r.token);
}
template <typename Walk>
void fields(Walk& walk, HeapPeak& r) {
    walk(r.heap, r.bytes);
}
template <typename Walk>
void fields(Walk& walk, ConfigurationPiece& r) {
    walk(r.subject, r.name, r.text);
}
template <typename Walk>
void fields(Walk& walk, HeapNumber& r) {
    walk(r.name, r.id);
}
template <typename Walk>
void fields(Walk& walk, ConfigurationSet& r) {
    walk(r.pieces, r.numbers);
}
template <typename Walk>
void fields(Walk& walk, HeapGone& r) {
    walk(r.heap);
}
template <typename Walk>
void fields(Walk& walk, PluginLoaded& r) {
    walk(r.path, r.fd, r.file);
}
template <typename Walk>
void fields(Walk& walk, PluginGone& r) {
    walk(r.path);
}
template <typename Walk>
void fields(Walk& walk, KernelClientOpened& r) {
    walk(r.client, r.serial, r.name);
}
template <typename Walk>
void fields(Walk& walk, HeapSecured& r) {
    walk(r.heap, r.count);
}
template <typename Walk>
void fields(Walk& walk, ClientCgroup& r) {
    walk(r.client, r.path);
}
template <typename Walk>
void fields(Walk& walk, ClientGroups& r) {
    walk(r.client, r.gids);
}
template <typename Walk>
void fields(Walk& walk, BufferOrigin& r) {
    walk(r.buffer, r.unix_ms, r.client, r.pid, r.comm, r.uid, r.cgroup);
}
template <typename Walk>
void fields(Walk& walk, InjectorLeft& r) {
    walk(r.tid, r.pid);
}
template <typename Walk>
void fields(Walk& walk, LeftInjectorEnded& r) {
    walk(r.tid);
}
template <typename Walk>
void fields(Walk& walk, FaultCounted& r) {
    walk(r.rule, r.calls, r.hits);
}

}  // namespace ion
