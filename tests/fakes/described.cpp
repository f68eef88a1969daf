// SPDX-License-Identifier: Apache-2.0

#include "tests/fakes/described.h"

#include <algorithm>

#include "daemon/journal/record_codec.h"

namespace ion {

std::string encoded(const Record& record) {
    std::string bytes(encoded_size(record), '\0');
    const std::size_t written = encode_record(record, std::as_writable_bytes(std::span(bytes)));
    bytes.resize(written);
    return bytes;
}

std::vector<std::string> described(const State& state) {
    std::vector<std::string> records;
    state.describe([&](const Record& record) { records.push_back(encoded(record)); });
    std::ranges::sort(records);
    return records;
}

State replayed(std::span<const Record> records) {
    State state;
    for (const Record& record : records) {
        (void)state.apply(record);
    }
    return state;
}

State rebuilt(const State& state) {
    State copy;
    state.describe([&](const Record& record) { (void)copy.apply(record); });
    return copy;
}

}  // namespace ion
