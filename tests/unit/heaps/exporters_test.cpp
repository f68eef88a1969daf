// SPDX-License-Identifier: Apache-2.0
//
// Exporters on a machine that lacks what they need.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heaps/kernel_dma_heap.h"
#include "heaps/memfd.h"
#include "heaps/udmabuf.h"
#include "heaps/vgem.h"

namespace ion {
namespace {

using ::testing::HasSubstr;

TEST(UdmabufExporter, NamesItsModuleWhenTheDeviceIsMissing) {
    const auto exporter = UdmabufExporter::open("/nonexistent/udmabuf");
    ASSERT_FALSE(exporter);
    EXPECT_EQ(exporter.error().code, ENODEV);
    EXPECT_THAT(exporter.error().context, HasSubstr("modprobe udmabuf"));
}

TEST(KernelDmaHeapExporter, NamesTheKernelOptionWhenTheDeviceIsMissing) {
    const auto exporter = KernelDmaHeapExporter::open("/nonexistent/system");
    ASSERT_FALSE(exporter);
    EXPECT_EQ(exporter.error().code, ENODEV);
    EXPECT_THAT(exporter.error().context, HasSubstr("CONFIG_DMABUF_HEAPS_SYSTEM"));
}

TEST(VgemExporter, NamesItsModuleWhenThereAreNoCards) {
    const auto exporter = VgemExporter::open("/nonexistent");
    ASSERT_FALSE(exporter);
    EXPECT_EQ(exporter.error().code, ENODEV);
    EXPECT_THAT(exporter.error().context, HasSubstr("modprobe vgem"));
}

TEST(VgemExporter, PassesOverFilesThatAreNotItsCard) {
    const auto exporter = VgemExporter::open("/dev");  // full of nodes, no card among them
    ASSERT_FALSE(exporter);
    EXPECT_EQ(exporter.error().code, ENODEV);
}

TEST(Exporter, RefusesToCarveWhereItCannot) {
    auto memfd = open_exporter(ExporterKind::kMemfd);
    ASSERT_TRUE(memfd);
    ASSERT_FALSE((*memfd)->carves());

    const auto memory = (*memfd)->carve({});

    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().code, ENOTSUP);
}

TEST(AdoptMemory, KeepsDescriptorIdentityAndKind) {
    auto memfd = make_sealed_memfd("test", 4096);
    ASSERT_TRUE(memfd);
    const int number = memfd->get();
    const FileId id = *file_id_of(number);

    const auto memory = adopt_memory(ExporterKind::kDmaHeap, *std::move(memfd));

    ASSERT_TRUE(memory);
    EXPECT_EQ((*memory)->fd(), number);
    EXPECT_EQ((*memory)->id(), id);
    EXPECT_EQ((*memory)->kind(), ExporterKind::kDmaHeap);
}

TEST(AdoptMemory, FailsWithoutADescriptor) {
    const auto memory = adopt_memory(ExporterKind::kMemfd, UniqueFd());
    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().code, EBADF);
}

}  // namespace
}  // namespace ion
