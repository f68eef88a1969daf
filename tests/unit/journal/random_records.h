// SPDX-License-Identifier: Apache-2.0
//
// Records of every type with random fields, by the codec's own list of fields.

#pragma once

#include <random>
#include <utility>
#include <vector>

#include "daemon/journal/record_fields.h"

namespace ion {

/// Fills every field of a record; lists get 0 to 5 elements.
class RandomFields {
  public:
    explicit RandomFields(std::mt19937_64& random) : random_(random) {}

    template <typename... Fields>
    void operator()(Fields&... all) {
        (fill(all), ...);
    }

  private:
    template <typename Plain>
    requires std::is_integral_v<Plain> || std::is_enum_v<Plain>
    void fill(Plain& plain) { plain = static_cast<Plain>(random_()); }
    void fill(std::byte& byte) { byte = static_cast<std::byte>(random_()); }
    template <typename Tag, typename Value>
    void fill(StrongId<Tag, Value>& id) {
        fill(id.value);
    }
    void fill(FileId& file) { (*this)(file.device, file.inode); }
    void fill(PlacedRange& range) { (*this)(range.base, range.size); }
    void fill(Comm& comm) {
        for (char& one : comm) {
            fill(one);
        }
    }
    void fill(ConfigurationPiece& piece) { fields(*this, piece); }
    void fill(HeapNumber& number) { fields(*this, number); }
    template <typename List>
    requires requires(List list) { list.resize(1); }
    void fill(List& list) {
        list.resize(random_() % 6);
        for (auto& one : list) {
            fill(one);
        }
    }

    std::mt19937_64& random_;
};

/// One record of each type, in the order of the variant.
inline std::vector<Record> one_of_each(std::mt19937_64& random) {
    std::vector<Record> records;
    const auto make = [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (records.emplace_back(std::in_place_index<Index>), ...);
    };
    make(std::make_index_sequence<std::variant_size_v<Record>>());
    RandomFields filler(random);
    for (Record& record : records) {
        std::visit([&](auto& one) { fields(filler, one); }, record);
    }
    return records;
}

}  // namespace ion
