// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/inherited_fds.h"

#include <utility>
#include <vector>

#include "daemon/base/descriptor_table.h"

namespace ion {

std::vector<int> named_by(const State& state) {
    std::vector<int> named;
    for (const auto& [id, buffer] : state.buffers()) {
        named.push_back(buffer.made.fd);
    }
    for (const auto& [key, channel] : state.channels()) {
        named.push_back(channel.fd);
    }
    for (const auto& [fd, injector] : state.injectors()) {
        named.push_back(fd);
    }
    for (const auto& [heap, arena] : state.arenas()) {
        named.push_back(arena.fd);
    }
    for (const auto& [path, plugin] : state.plugins()) {
        named.push_back(plugin.fd);
    }
    return named;
}

Result<UniqueFd> take_recorded(const BufferCreated& made) {
    if (!still_is(made.fd, made.file)) {
        return fail(EBADF, "its descriptor is gone");
    }
    return UniqueFd(made.fd);
}

void close_unnamed(std::span<const int> keeper_fds, const State& state) {
    std::vector<int> keep = named_by(state);
    keep.insert(keep.end(), keeper_fds.begin(), keeper_fds.end());
    close_all_but(std::move(keep));
}

}  // namespace ion
