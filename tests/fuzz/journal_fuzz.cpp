// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the log of a journal: through replay() into a State, as a new worker reads what it is given.
//
// Input: the bytes of a log area. Whatever they are, what is read must be what such bytes are written from, and
// the state that results must be one that can be described and go on.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/state.h"
#include "daemon/journal/journal.h"
#include "daemon/journal/record_codec.h"

namespace {

using namespace ion;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

std::string encoded(const Record& record) {
    std::string bytes(encoded_size(record), '\0');
    require(encode_record(record, std::as_writable_bytes(std::span(bytes))) == bytes.size());
    return bytes;
}

std::vector<std::string> described(const State& state) {
    std::vector<std::string> records;
    state.describe([&](const Record& record) { records.push_back(encoded(record)); });
    std::sort(records.begin(), records.end());
    return records;
}

/// Counts that are kept beside what they count.
void check_counts(const State& state) {
    std::map<BufferId, std::uint32_t> holders;
    std::map<BufferId, std::uint32_t> deliveries;
    for (const auto& [id, client] : state.clients()) {
        const HandleTable& handles = client.handles;
        handles.for_each([&](HandleId handle, const Handle& entry) {
            require(handle.value != 0 && handle <= HandleTable::kLast && entry.references != 0);
            require(handles.of(entry.buffer) == handle && state.buffer(entry.buffer) != nullptr);
            ++holders[entry.buffer];
        });
        require(handles.find(handles.next()) == nullptr);
        for (const BufferId owned : client.owned) {
            require(state.buffer(owned) != nullptr && state.buffer(owned)->made.owner == id);
        }
    }
    for (const auto& [job, delivery] : state.deliveries()) {
        ++deliveries[delivery.buffer];
    }
    for (const auto& [id, buffer] : state.buffers()) {
        require(buffer.holders == holders[id] && buffer.deliveries == deliveries[id]);
    }
}

/// The whole program has one: it is two gibibytes of address space.
Journal& journal() {
    static const std::unique_ptr<Journal> one = *Journal::create();
    return *one;
}

std::byte* log_area() {
    return reinterpret_cast<std::byte*>(&journal().header()) + kAreaOffset[0];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // As a record first: in the fuzzer's own allocation ASan sees reads beyond the end.
    const auto bytes = std::as_bytes(std::span(data, size));
    if (const auto decoded = decode_record(bytes)) {
        const std::string again = encoded(decoded->record);
        require(again.size() == decoded->size && std::memcmp(again.data(), data, again.size()) == 0);
    }

    std::memcpy(log_area(), data, size);
    journal().header().head.store(size);
    State state;
    const auto replayed = journal().replay([&](const Record& record) { (void)state.apply(record); });
    require(replayed || replayed.error().code == EBADMSG);
    check_counts(state);

    State copy;
    state.describe([&](const Record& record) { require(copy.apply(record)); });
    require(described(copy) == described(state));
    for (const auto& [id, client] : state.clients()) {
        require(copy.client(id)->handles.next() == client.handles.next());
    }
    for (const auto& [id, client] : std::map(state.clients())) {
        require(state.apply(ClientClosed{id}));
    }
    check_counts(state);
    return 0;
}
