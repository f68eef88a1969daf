// SPDX-License-Identifier: Apache-2.0
//
// HEAP_QUERY, ABI_VERSION, PREFETCH, and commands that nobody knows.

#include "daemon/abi/decode.h"
#include "tests/unit/service/service_testing.h"

namespace ion {
namespace {

constexpr std::uint64_t kArray = 0x7000;

abi::HeapQuery query(std::uint32_t count, std::uint64_t heaps = kArray) {
    abi::HeapQuery request;
    request.count = count;
    request.heaps = heaps;
    return request;
}

CallerFacts written(int error = 0) {
    CallerFacts facts;
    facts.write_error = error;
    return facts;
}

class Queries : public ServiceTest {};

TEST_F(Queries, CountTheHeaps) {
    for (const Personality one : kPersonalities) {
        personality = one;
        for (const std::uint32_t count : {0U, 1U, ~0U}) {
            const auto answer = std::get<Answer>(serve(query(count, 0)));
            EXPECT_EQ(answer.error, 0);
            EXPECT_EQ(answer.outputs.value, 2U);
        }
    }
}

TEST_F(Queries, AreRefusedWhenWrong) {
    auto reserved = query(1);
    reserved.reserved_set = true;
    auto reserved_count = query(0, 0);
    reserved_count.reserved_set = true;

    EXPECT_EQ(plain_error_of(reserved), EINVAL);
    EXPECT_EQ(plain_error_of(reserved_count), EINVAL);
    EXPECT_EQ(plain_error_of(query(0)), EINVAL);
}

TEST_F(Queries, WriteRecordsByDescendingIdUpToTheCount) {
    const abi::HeapRecord high_record{"high", 2, 4};
    const abi::HeapRecord low_record{"low", 0, 1};
    struct Row {
        std::uint32_t count;
        std::vector<abi::HeapRecord> records;
    };
    for (const Row& row : {Row{1, {high_record}}, Row{2, {high_record, low_record}},
                           Row{3, {high_record, low_record}}, Row{0x7FFFFFFF, {high_record, low_record}},
                           Row{0x80000000, {high_record}}, Row{0xFFFFFFFF, {high_record}}}) {
        SCOPED_TRACE(row.count);
        const Outcome outcome = serve(query(row.count));
        const auto& write = std::get<NeedWrite>(outcome);
        EXPECT_EQ(write.address, kArray);
        EXPECT_EQ(write.bytes, abi::encode_heap_records(row.records));

        const auto answer = std::get<Answer>(serve(query(row.count), written()));
        EXPECT_EQ(answer.error, 0);
        EXPECT_EQ(answer.outputs.value, row.records.size());
    }
}

TEST_F(Queries, FailWhenTheArrayCannotBeWritten) {
    EXPECT_EQ(plain_error_of(query(1), written(EFAULT)), EFAULT);
    EXPECT_EQ(plain_error_of(query(1), written(EIO)), EFAULT);
}

TEST_F(Queries, TellTheAbiVersionWhereThereIsOne) {
    for (const Personality one : {Personality::kAuto, Personality::kModern}) {
        personality = one;
        EXPECT_EQ(std::get<Answer>(serve(abi::AbiVersion{})).outputs.value, 2U);
    }
    for (const Personality one : {Personality::kLegacy, Personality::kMsm34}) {
        personality = one;
        EXPECT_EQ(plain_error_of(abi::AbiVersion{}), ENOTTY) << name_of(one);
    }
}

TEST_F(Queries, PrefetchAndDrainAreAcceptedAndDoNothing) {
    for (const Personality one : kPersonalities) {
        personality = one;
        for (const bool drain : {false, true}) {
            abi::Prefetch request;
            request.drain = drain;
            request.heap_mask = ~0U;
            request.length = 1 << 20;
            EXPECT_EQ(plain_error_of(request), 0);
        }
    }
    EXPECT_TRUE(low.calls().empty() && high.calls().empty());
}

class Refusals : public ServiceTest {
  protected:
    [[nodiscard]] int refusal(std::uint32_t size, int error = ENOTTY) {
        return IonService(device, personality).refusal(client, size << 16 | 'I' << 8 | 99, error);
    }
};

TEST_F(Refusals, OfLargeCommandsAreThoseOfTheCallersKernel) {
    struct Row {
        Personality personality;
        bool used;
        int large;
    };
    for (const Row& row :
         {Row{Personality::kAuto, false, EINVAL}, Row{Personality::kAuto, true, ENOTTY},
          Row{Personality::kModern, false, EINVAL}, Row{Personality::kModern, true, EINVAL},
          Row{Personality::kLegacy, false, ENOTTY}, Row{Personality::kMsm34, false, ENOTTY}}) {
        SCOPED_TRACE(name_of(row.personality));
        personality = row.personality;
        client = open();
        if (row.used) {
            commit(ClientUsedHandles{client});
        }
        EXPECT_EQ(refusal(0), ENOTTY);
        EXPECT_EQ(refusal(24), ENOTTY);
        EXPECT_EQ(refusal(25), row.large);
        EXPECT_EQ(refusal(32), row.large);
    }
}

TEST_F(Refusals, KeepEveryOtherErrno) {
    EXPECT_EQ(refusal(32, EFAULT), EFAULT);
    EXPECT_EQ(refusal(8, EINVAL), EINVAL);
    EXPECT_EQ(refusal(0x3FFF, EINVAL), EINVAL);
}

}  // namespace
}  // namespace ion
