// SPDX-License-Identifier: Apache-2.0

#include "daemon/journal/record_codec.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/fakes/described.h"
#include "tests/unit/journal/random_records.h"

namespace ion {
namespace {

constexpr std::uint64_t kSeed = 20240229;

/// Bytes in an allocation of exactly their number, so that ASan sees reads beyond them.
std::vector<std::byte> exact(std::span<const std::byte> bytes) {
    return {bytes.begin(), bytes.end()};
}

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

std::string with_length(std::string bytes, std::uint32_t length) {
    std::memcpy(bytes.data(), &length, sizeof(length));
    return bytes;
}

TEST(RecordCodec, ReadsBackEveryTypeAsItWasWritten) {
    std::mt19937_64 random(kSeed);
    for (int round = 0; round < 200; ++round) {
        for (const Record& record : one_of_each(random)) {
            const std::string bytes = encoded(record);

            const auto decoded = decode_record(bytes_of(bytes));

            ASSERT_TRUE(decoded) << "type " << record.index();
            EXPECT_EQ(decoded->size, bytes.size());
            EXPECT_EQ(decoded->record.index(), record.index());
            EXPECT_EQ(encoded(decoded->record), bytes) << "type " << record.index();
        }
    }
}

TEST(RecordCodec, KeepsTheValueOfEveryKindOfField) {
    const BufferCreated made{BufferId{1ULL << 40},
                             HeapId{31},
                             8192,
                             4096,
                             0x80000001,
                             ExporterKind::kVgem,
                             -1,
                             FileId{7, 8},
                             {{4096, 8192}, {1ULL << 50, 4096}},
                             ClientId{9},
                             -2,
                             {"comm"}};

    const auto decoded = decode_record(bytes_of(encoded(Record(made))));

    ASSERT_TRUE(decoded);
    const auto& read = std::get<BufferCreated>(decoded->record);
    EXPECT_EQ(read.buffer, made.buffer);
    EXPECT_EQ(read.flags, made.flags);
    EXPECT_EQ(read.exporter, made.exporter);
    EXPECT_EQ(read.fd, -1);
    EXPECT_EQ(read.file, made.file);
    EXPECT_EQ(read.placement, made.placement);
    EXPECT_EQ(read.owner, made.owner);
    EXPECT_EQ(read.pid, -2);
    EXPECT_EQ(read.comm, made.comm);
}

TEST(RecordCodec, HasTheLayoutThatItsHeaderPromises) {
    const std::string bytes = encoded(Record(UsageOpened{0x0102, 3, 4, "ab"}));

    const std::string expected(
        "\x1e\0\0\0\x10\0\0\0\x02\x01\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x04\0\0\0\x02\0\0\0ab", 34);
    EXPECT_EQ(bytes, expected);
}

TEST(RecordCodec, WritesNothingWhereARecordDoesNotFit) {
    std::mt19937_64 random(kSeed);
    for (const Record& record : one_of_each(random)) {
        const std::size_t size = encoded_size(record);
        std::vector<std::byte> room(size - 1, std::byte{0xEE});

        EXPECT_EQ(encode_record(record, room), 0U);

        EXPECT_EQ(room, std::vector<std::byte>(size - 1, std::byte{0xEE}));
        room.resize(size);
        EXPECT_EQ(encode_record(record, room), size);
    }
}

TEST(RecordCodec, TakesOneRecordOffTheFront) {
    const std::string first = encoded(Record(ClientClosed{ClientId{1}}));
    const std::string both = first + encoded(Record(TokenUsed{2}));

    const auto decoded = decode_record(bytes_of(both));

    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->size, first.size());
    EXPECT_EQ(std::get<ClientClosed>(decoded->record).client, ClientId{1});
}

TEST(RecordCodec, RefusesATruncatedRecord) {
    std::mt19937_64 random(kSeed);
    for (const Record& record : one_of_each(random)) {
        const std::string bytes = encoded(record);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode_record(exact(bytes_of(bytes).first(size))))
                << record.index() << " at " << size;
        }
    }
}

TEST(RecordCodec, RefusesALengthThatDoesNotMatchItsFields) {
    std::mt19937_64 random(kSeed);
    for (const Record& record : one_of_each(random)) {
        const std::string bytes = encoded(record);
        const auto length = static_cast<std::uint32_t>(bytes.size() - sizeof(std::uint32_t));

        EXPECT_FALSE(decode_record(bytes_of(with_length(bytes, length - 1)))) << record.index();
        EXPECT_FALSE(decode_record(bytes_of(with_length(bytes + '\0', length + 1)))) << record.index();
        EXPECT_FALSE(decode_record(bytes_of(with_length(bytes, 3)))) << record.index();
        EXPECT_FALSE(decode_record(bytes_of(with_length(bytes, UINT32_MAX)))) << record.index();
    }
}

TEST(RecordCodec, RefusesAnUnknownType) {
    std::string bytes = encoded(Record(ClientClosed{ClientId{1}}));
    bytes[4] = static_cast<char>(std::variant_size_v<Record>);

    EXPECT_FALSE(decode_record(bytes_of(bytes)));
}

TEST(RecordCodec, AllocatesNothingForAListThatCannotBeThere) {
    std::string bytes = encoded(Record(UsageOpened{1, 2, 3, "content"}));
    const std::uint32_t count = UINT32_MAX;
    std::memcpy(bytes.data() + 8 + 8 + 8 + 4, &count, sizeof(count));

    EXPECT_FALSE(decode_record(exact(bytes_of(bytes))));
}

TEST(RecordCodec, SurvivesGarbage) {
    std::mt19937_64 random(kSeed);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> bytes(random() % 160);
        for (std::byte& byte : bytes) {
            byte = static_cast<std::byte>(random());
        }
        if (bytes.size() >= 8) {  // a plausible header, so that the fields are reached
            const std::uint32_t header[2] = {
                static_cast<std::uint32_t>(bytes.size() - 4),
                static_cast<std::uint32_t>(random() % std::variant_size_v<Record>)};
            std::memcpy(bytes.data(), header, sizeof(header));
        }
        const auto decoded = decode_record(bytes);
        if (decoded) {
            EXPECT_EQ(decoded->size, bytes.size());
        }
    }
}

}  // namespace
}  // namespace ion
