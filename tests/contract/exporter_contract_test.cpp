// SPDX-License-Identifier: Apache-2.0
//
// What the heaps take for granted about the exporters of the running kernel.

#include <gtest/gtest.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <utility>

#include "daemon/base/checked_math.h"
#include "heaps/arena.h"
#include "heaps/exporter.h"
#include "heaps/exporter_chain.h"
#include "heaps/recyclable.h"
#include "heaps/zero_memory.h"
#include "tests/contract/heap_contract.h"

namespace ion {

namespace {

class ExporterContract : public ::testing::TestWithParam<ExporterKind> {
  protected:
    void SetUp() override {
        auto exporter = open_exporter(GetParam());
        if (!exporter) {
            GTEST_SKIP() << exporter_name(GetParam()) << ": " << exporter.error().context;
        }
        exporter_ = *std::move(exporter);
    }

    std::unique_ptr<Exporter> exporter_;
};

class DmabufContract : public ExporterContract {};
class UdmabufContract : public ExporterContract {};

TEST_P(ExporterContract, MemoryOutlivesItsExporter) {
    const auto memory = exporter_->create(kPageSize);
    ASSERT_TRUE(memory) << memory.error().context;
    exporter_.reset();
    EXPECT_TRUE((*memory)->open_export());
    EXPECT_TRUE((*memory)->idle());
}

TEST_P(ExporterContract, IsRefusedWhatNoMachineHas) {
    constexpr std::uint64_t kTooMuch = ~0ULL - kPageSize + 1;
    EXPECT_FALSE(exporter_->create(kTooMuch));
}

TEST_P(DmabufContract, ClientsCanSynchroniseAccess) {
    const auto memory = exporter_->create(kPageSize);
    ASSERT_TRUE(memory) << memory.error().context;
    const auto exported = (*memory)->open_export();
    ASSERT_TRUE(exported);
    for (const std::uint64_t edge : {std::uint64_t{DMA_BUF_SYNC_START}, std::uint64_t{DMA_BUF_SYNC_END}}) {
        const dma_buf_sync sync{.flags = DMA_BUF_SYNC_RW | edge};
        EXPECT_EQ(::ioctl(exported->get(), DMA_BUF_IOCTL_SYNC, &sync), 0);
    }
}

TEST_P(DmabufContract, ClientsCanEndAccessThatNobodyBegan) {
    const auto memory = exporter_->create(kPageSize);
    ASSERT_TRUE(memory) << memory.error().context;
    const dma_buf_sync end{.flags = DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END};
    EXPECT_EQ(::ioctl((*memory)->fd(), DMA_BUF_IOCTL_SYNC, &end), 0);
}

TEST_P(DmabufContract, LeavesAFormerUserNoWayBackButThroughVgemsCard) {
    const auto memory = exporter_->create(kPageSize);
    ASSERT_TRUE(memory) << memory.error().context;
    EXPECT_EQ(recyclable(**memory), GetParam() != ExporterKind::kVgem);
    EXPECT_TRUE((*memory)->idle()) << "the look at it leaves no trace";
}

TEST_P(DmabufContract, IsZeroedAndLosesItsName) {
    constexpr std::uint64_t kSize = 5 * kPageSize;
    const auto memory = exporter_->create(kSize);
    ASSERT_TRUE(memory) << memory.error().context;
    void* const mapped = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, (*memory)->fd(), 0);
    ASSERT_NE(mapped, MAP_FAILED);
    const std::span bytes(static_cast<char*>(mapped), kSize);
    std::ranges::fill(bytes, 'x');
    ASSERT_EQ(::ioctl((*memory)->fd(), DMA_BUF_SET_NAME, "secret"), 0) << std::strerror(errno);

    EXPECT_TRUE(zero_memory((*memory)->fd(), kSize));

    EXPECT_EQ(std::ranges::count(bytes, '\0'), static_cast<std::ptrdiff_t>(kSize));
    EXPECT_EQ(::munmap(mapped, kSize), 0);
    EXPECT_TRUE((*memory)->idle());
    std::ifstream info("/proc/self/fdinfo/" + std::to_string((*memory)->fd()));
    const std::string text(std::istreambuf_iterator<char>(info), {});
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
}

TEST_P(UdmabufContract, CarvesExactlyTheRangeOfTheArena) {
    const auto arena = Arena::create(8 * kPageSize);
    ASSERT_TRUE(arena);
    const ArenaRange range{.fd = arena->fd(), .offset = 3 * kPageSize, .size = 2 * kPageSize};
    const auto memory = exporter_->carve({&range, 1});
    ASSERT_TRUE(memory) << memory.error().context;
    void* const mapped =
        ::mmap(nullptr, 2 * kPageSize, PROT_READ | PROT_WRITE, MAP_SHARED, (*memory)->fd(), 0);
    ASSERT_NE(mapped, MAP_FAILED);

    std::fill_n(static_cast<char*>(mapped), 2 * kPageSize, 'x');

    std::string content(8 * kPageSize, '?');
    ASSERT_EQ(::pread(arena->fd(), content.data(), content.size(), 0), static_cast<ssize_t>(content.size()));
    EXPECT_EQ(content, std::string(3 * kPageSize, '\0') + std::string(2 * kPageSize, 'x') +
                           std::string(3 * kPageSize, '\0'));
    EXPECT_EQ(::munmap(mapped, 2 * kPageSize), 0);
}

TEST_P(UdmabufContract, MoreThanItsLimitGoesToTheNextExporter) {
    std::uint64_t limit_mib = 0;
    std::ifstream("/sys/module/udmabuf/parameters/size_limit_mb") >> limit_mib;
    ASSERT_NE(limit_mib, 0U);
    const std::uint64_t too_much = (limit_mib << 20) + kPageSize;
    const auto alone = exporter_->create(too_much);
    ASSERT_FALSE(alone);
    EXPECT_EQ(alone.error().code, EINVAL);

    auto chain = make_exporters(std::array{ExporterKind::kUdmabuf, ExporterKind::kMemfd});
    ASSERT_TRUE(chain);
    const auto memory = chain->chain.create(too_much);

    ASSERT_TRUE(memory) << memory.error().context;
    EXPECT_EQ((*memory)->kind(), ExporterKind::kMemfd);
}

std::string kind_name(const ::testing::TestParamInfo<ExporterKind>& test) {
    return exporter_name(test.param);
}

INSTANTIATE_TEST_SUITE_P(Exporters, ExporterContract,
                         ::testing::Values(ExporterKind::kMemfd, ExporterKind::kUdmabuf, ExporterKind::kVgem,
                                           ExporterKind::kDmaHeap),
                         kind_name);
INSTANTIATE_TEST_SUITE_P(Exporters, DmabufContract,
                         ::testing::Values(ExporterKind::kUdmabuf, ExporterKind::kVgem,
                                           ExporterKind::kDmaHeap),
                         kind_name);
INSTANTIATE_TEST_SUITE_P(Exporters, UdmabufContract, ::testing::Values(ExporterKind::kUdmabuf), kind_name);

}  // namespace
}  // namespace ion
