// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/scrubber_thread.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "heaps/memfd.h"
#include "heaps/memory_pool.h"
#include "tests/fakes/bounded_loop.h"

namespace ion {
namespace {

constexpr std::uint64_t kSize = 8 * 4096;

std::unique_ptr<Memory> used_memory() {
    auto memory = MemfdMemory::create(kSize);
    EXPECT_TRUE(memory);
    const std::string secret(kSize, 's');
    EXPECT_EQ(::pwrite((*memory)->fd(), secret.data(), secret.size(), 0), static_cast<ssize_t>(kSize));
    return *std::move(memory);
}

bool is_zeroed(const Memory& memory) {
    std::string content(kSize, '?');
    return ::pread(memory.fd(), content.data(), content.size(), 0) == static_cast<ssize_t>(kSize) &&
           std::ranges::all_of(content, [](char byte) { return byte == '\0'; });
}

/// Memory that cannot be mapped.
class NoMemory final : public Memory {
  public:
    [[nodiscard]] ExporterKind kind() const override { return ExporterKind::kMemfd; }
    [[nodiscard]] int fd() const override { return -1; }
    [[nodiscard]] FileId id() const override { return {}; }
    [[nodiscard]] Result<UniqueFd> open_export() const override { return fail(EBADF, "none"); }
    [[nodiscard]] bool idle() const override { return true; }
};

class ScrubberThreadTest : public ::testing::Test {
  protected:
    ScrubberThreadTest() {
        auto made = ScrubberThread::create(*loop_);
        EXPECT_TRUE(made);
        scrubber_ = *std::move(made);
    }
    Scrubber::Done keep() {
        return [this](std::unique_ptr<Memory> memory) { returned_.push_back(std::move(memory)); };
    }

    BoundedLoop loop_;
    std::unique_ptr<ScrubberThread> scrubber_;
    std::vector<std::unique_ptr<Memory>> returned_;
};

TEST_F(ScrubberThreadTest, ReturnsTheMemoryZeroedWithItsPages) {
    auto memory = used_memory();
    const FileId id = memory->id();
    scrubber_->zero(std::move(memory), kSize, keep());
    EXPECT_TRUE(returned_.empty()) << "not within the call";

    ASSERT_TRUE(loop_.run_until([&] { return returned_.size() == 1; }));

    ASSERT_NE(returned_[0], nullptr);
    EXPECT_EQ(returned_[0]->id(), id);
    EXPECT_TRUE(is_zeroed(*returned_[0]));
    EXPECT_TRUE(returned_[0]->idle()) << "nothing maps it any more";
    struct stat status {};
    ASSERT_EQ(::fstat(returned_[0]->fd(), &status), 0);
    EXPECT_EQ(status.st_blocks * 512, static_cast<blkcnt_t>(kSize));
}

TEST_F(ScrubberThreadTest, ReplacesTheMemoryByAnotherWithItsPages) {
    auto memory = used_memory();
    const FileId id = memory->id();
    const UniqueFd kept(::dup(memory->fd()));
    scrubber_->replace(std::move(memory), kSize, keep());

    ASSERT_TRUE(loop_.run_until([&] { return returned_.size() == 1; }));

    ASSERT_NE(returned_[0], nullptr);
    EXPECT_NE(returned_[0]->id(), id);
    EXPECT_TRUE(is_zeroed(*returned_[0]));
    EXPECT_TRUE(returned_[0]->idle());
    struct stat status {};
    ASSERT_EQ(::fstat(returned_[0]->fd(), &status), 0);
    EXPECT_EQ(status.st_blocks * 512, static_cast<blkcnt_t>(kSize));
    ASSERT_EQ(::fstat(kept.get(), &status), 0);
    EXPECT_EQ(status.st_blocks, 0) << "whoever found a way back finds no pages";
}

TEST_F(ScrubberThreadTest, ReturnsManyInTheirOrder) {
    constexpr std::size_t kAll = 5 * ScrubberThread::kMostJobs;
    std::vector<FileId> expected;
    const auto fill_queue = [&] {
        for (std::size_t i = 0; i < ScrubberThread::kMostJobs; ++i) {
            auto memory = used_memory();
            expected.push_back(memory->id());
            scrubber_->zero(std::move(memory), kSize, keep());
        }
    };
    fill_queue();
    ASSERT_TRUE(loop_.run_until([&] {
        if (returned_.size() == expected.size() && expected.size() < kAll) {
            fill_queue();
        }
        return returned_.size() == kAll;
    }));
    for (std::size_t i = 0; i < kAll; ++i) {
        ASSERT_NE(returned_[i], nullptr) << i;
        EXPECT_EQ(returned_[i]->id(), expected[i]) << i;
        EXPECT_TRUE(is_zeroed(*returned_[i])) << i;
    }
}

TEST_F(ScrubberThreadTest, LetsGoWhatIsMoreThanItsQueueHolds) {
    for (std::size_t i = 0; i <= ScrubberThread::kMostJobs; ++i) {
        scrubber_->zero(used_memory(), kSize, keep());
    }
    ASSERT_EQ(returned_.size(), 1U) << "within the call";
    EXPECT_EQ(returned_[0], nullptr);
    EXPECT_TRUE(loop_.run_until([&] { return returned_.size() == ScrubberThread::kMostJobs + 1; }));
}

TEST_F(ScrubberThreadTest, LetsGoWhatCannotBeMapped) {
    scrubber_->zero(std::make_unique<NoMemory>(), kSize, keep());
    ASSERT_TRUE(loop_.run_until([&] { return returned_.size() == 1; }));
    EXPECT_EQ(returned_[0], nullptr);
}

TEST_F(ScrubberThreadTest, LetsGoWhatCannotBeReplaced) {
    scrubber_->replace(used_memory(), UINT64_MAX, keep());
    ASSERT_TRUE(loop_.run_until([&] { return returned_.size() == 1; }));
    EXPECT_EQ(returned_[0], nullptr);
}

TEST_F(ScrubberThreadTest, ServesAPoolThatPutsAgainFromItsCallback) {
    const auto pool =
        MemoryPool::create(scrubber_.get(), {.bytes = 64 * kSize, .largest = kSize, .pieces = 64},
                           [](const Memory&) { return true; });
    for (int i = 0; i < 40; ++i) {
        pool->put(used_memory(), kSize, false);
    }
    ASSERT_TRUE(loop_.run_until([&] { return pool->deferred_bytes() == 0; }));
    EXPECT_EQ(pool->pooled_bytes(), 40 * kSize);
    while (const auto memory = pool->take(kSize, false)) {
        EXPECT_TRUE(is_zeroed(*memory));
    }
}

TEST_F(ScrubberThreadTest, EndsWithJobsUnfinished) {
    for (int i = 0; i < 20; ++i) {
        scrubber_->zero(used_memory(), kSize, keep());
    }
    scrubber_.reset();
    EXPECT_TRUE(returned_.empty());
}

TEST_F(ScrubberThreadTest, OutlivesThePoolItWorksFor) {
    auto pool = MemoryPool::create(scrubber_.get(), {.bytes = 64 * kSize, .largest = kSize, .pieces = 64},
                                   [](const Memory&) { return true; });
    pool->put(used_memory(), kSize, false);
    pool.reset();
    scrubber_->zero(used_memory(), kSize, keep());
    EXPECT_TRUE(loop_.run_until([&] { return returned_.size() == 1; }));
}

}  // namespace
}  // namespace ion
