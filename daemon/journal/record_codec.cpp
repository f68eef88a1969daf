// SPDX-License-Identifier: Apache-2.0

#include "daemon/journal/record_codec.h"

#include <cstring>
#include <type_traits>

#include "daemon/journal/record_fields.h"

namespace ion {

namespace {

constexpr std::size_t kHeaderSize = 2 * sizeof(std::uint32_t);

/// Base of the three walks: breaks compound fields down to plain integers and byte strings.
template <typename Derived>
class Walk {
  public:
    template <typename... Fields>
    void operator()(Fields&... all) {
        (field(all), ...);
    }

  private:
    Derived& self() { return static_cast<Derived&>(*this); }

    template <typename Plain>
    requires std::is_integral_v<Plain> || std::is_enum_v<Plain>
    void field(Plain& plain) { self().bytes(&plain, sizeof(plain)); }
    template <typename Tag, typename Value>
    void field(StrongId<Tag, Value>& id) {
        self().bytes(&id.value, sizeof(id.value));
    }
    void field(Comm& comm) { self().bytes(comm.data(), comm.size()); }
    void field(FileId& file) { (*this)(file.device, file.inode); }
    void field(PlacedRange& range) { (*this)(range.base, range.size); }
    void field(std::string& string) { self().list(string, 1); }
    void field(std::vector<std::byte>& blob) { self().list(blob, 1); }
    void field(std::vector<std::uint32_t>& numbers) { self().list(numbers, sizeof(std::uint32_t)); }
    void field(std::vector<PlacedRange>& ranges) { self().list(ranges, sizeof(PlacedRange)); }
    // An element is at least the counts of its strings: less than that cannot be in the input.
    void field(std::vector<ConfigurationPiece>& pieces) { self().list(pieces, 3 * sizeof(std::uint32_t)); }
    void field(std::vector<HeapNumber>& numbers) { self().list(numbers, 2 * sizeof(std::uint32_t)); }
    void field(ConfigurationPiece& piece) { fields(*this, piece); }
    void field(HeapNumber& number) { fields(*this, number); }

  protected:
    template <typename List>
    void elements(List& list) {
        if constexpr (sizeof(*list.data()) == 1) {
            self().bytes(list.data(), list.size());
        } else {
            for (auto& one : list) {
                field(one);
            }
        }
    }
};

class Sizer : public Walk<Sizer> {
  public:
    void bytes(const void* /*data*/, std::size_t size) { total += size; }
    template <typename List>
    void list(List& list, std::size_t /*element_size*/) {
        total += sizeof(std::uint32_t);
        elements(list);
    }
    std::size_t total = 0;
};

class Writer : public Walk<Writer> {
  public:
    explicit Writer(std::byte* out) : out_(out) {}
    void bytes(const void* data, std::size_t size) {
        if (size != 0) {
            std::memcpy(out_, data, size);
            out_ += size;
        }
    }
    template <typename List>
    void list(List& list, std::size_t /*element_size*/) {
        const auto count = static_cast<std::uint32_t>(list.size());
        bytes(&count, sizeof(count));
        elements(list);
    }

  private:
    std::byte* out_;
};

class Reader : public Walk<Reader> {
  public:
    explicit Reader(std::span<const std::byte> in) : in_(in) {}
    void bytes(void* data, std::size_t size) {
        if (size > in_.size()) {
            ok_ = false;
        } else if (ok_ && size != 0) {
            std::memcpy(data, in_.data(), size);
            in_ = in_.subspan(size);
        }
    }
    template <typename List>
    void list(List& list, std::size_t element_size) {
        std::uint32_t count = 0;
        bytes(&count, sizeof(count));
        if (!ok_ || count > in_.size() / element_size) {
            ok_ = false;
            return;
        }
        list.resize(count);
        elements(list);
    }
    [[nodiscard]] bool complete() const { return ok_ && in_.empty(); }

  private:
    std::span<const std::byte> in_;
    bool ok_ = true;
};

template <std::size_t Index = 0>
std::optional<Record> read_type(std::uint32_t type, std::span<const std::byte> body) {
    if constexpr (Index == std::variant_size_v<Record>) {
        return std::nullopt;
    } else {
        if (type != Index) {
            return read_type<Index + 1>(type, body);
        }
        std::variant_alternative_t<Index, Record> record;
        Reader reader(body);
        fields(reader, record);
        return reader.complete() ? std::optional<Record>(std::move(record)) : std::nullopt;
    }
}

}  // namespace

std::size_t encoded_size(const Record& record) {
    Sizer sizer;
    // The walks share one field list, which a reader needs mutable; a sizer and a writer do not change it.
    std::visit([&](auto& one) { fields(sizer, one); }, const_cast<Record&>(record));
    return kHeaderSize + sizer.total;
}

std::size_t encode_record(const Record& record, std::span<std::byte> out) {
    const std::size_t size = encoded_size(record);
    if (size > out.size()) {
        return 0;
    }
    const std::uint32_t header[2] = {static_cast<std::uint32_t>(size - sizeof(std::uint32_t)),
                                     static_cast<std::uint32_t>(record.index())};
    std::memcpy(out.data(), header, sizeof(header));
    Writer writer(out.data() + sizeof(header));
    std::visit([&](auto& one) { fields(writer, one); }, const_cast<Record&>(record));
    return size;
}

std::optional<DecodedRecord> decode_record(std::span<const std::byte> in) {
    std::uint32_t header[2] = {};
    if (in.size() < sizeof(header)) {
        return std::nullopt;
    }
    std::memcpy(header, in.data(), sizeof(header));
    if (header[0] < sizeof(std::uint32_t) || header[0] > in.size() - sizeof(std::uint32_t)) {
        return std::nullopt;
    }
    const std::size_t size = sizeof(std::uint32_t) + header[0];
    auto record = read_type(header[1], in.subspan(sizeof(header), size - sizeof(header)));
    if (!record) {
        return std::nullopt;
    }
    return DecodedRecord{*std::move(record), size};
}

}  // namespace ion
