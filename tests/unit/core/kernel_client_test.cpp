// SPDX-License-Identifier: Apache-2.0

#include "daemon/core/kernel_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heaps/first_fit_placer.h"
#include "heaps/heap_parts.h"
#include "heaps/region_heap.h"
#include "tests/fakes/collecting_log.h"

namespace ion {
namespace {

using testing::ElementsAre;

constexpr PlacedRange kRegion{1 << 30, 1 << 20};
constexpr std::uint32_t kCarveoutType = 2;
constexpr std::uint32_t kCpType = 4;

/// A region with one device space, and with content protection.
class TestHeap final : public RegionHeap {
  public:
    using RegionHeap::RegionHeap;

    Result<std::uint64_t> map_iommu(const Backing& /*buffer*/, const IommuMapping& mapping) override {
        ++spaces;
        return 0x1000 * mapping.domain;
    }
    void unmap_iommu(const Backing& /*buffer*/, const IommuMapping& /*mapping*/) override { --spaces; }
    [[nodiscard]] bool protects_content() const override { return true; }
    Result<void> secure() override {
        if (users != 0) {
            return fail(EINVAL, "seen");
        }
        ++secured;
        return {};
    }
    Result<void> unsecure() override {
        --secured;
        return {};
    }
    Result<void> map_user(const Backing& /*buffer*/) override {
        ++users;
        return {};
    }
    void unmap_user(const Backing& /*buffer*/) override { --users; }
    Result<std::vector<PlacedRange>> map_dma(const Backing& buffer) override {
        ++lists;
        return RegionHeap::map_dma(buffer);
    }
    void unmap_dma(const Backing& /*buffer*/) override { --lists; }
    Result<std::span<std::byte>> map_kernel(const Backing& buffer) override {
        ++maps;
        return RegionHeap::map_kernel(buffer);
    }
    void unmap_kernel(const Backing& buffer, std::span<std::byte> bytes) override {
        --maps;
        RegionHeap::unmap_kernel(buffer, bytes);
    }
    int spaces = 0;
    int secured = 0;
    int maps = 0;
    int users = 0;
    int lists = 0;
};

/// Heap 3, "cp", of a type of its own.
class Drivers : public testing::Test {
  protected:
    Drivers() {
        const HeapParameters parameters{
            .id = 3, .name = "mm", .exporters = {ExporterKind::kMemfd}, .arena = UniqueFd()};
        auto parts = RegionHeap::prepare(kRegion, std::make_unique<FirstFitPlacer>(kRegion, 4096),
                                         *open_exporters(parameters), {});
        auto made = std::make_unique<TestHeap>(*std::move(parts));
        heap_ = made.get();
        EXPECT_TRUE(heaps_.add({HeapId{3}, kCpType, "cp", "mm", std::move(made)}));
    }

    std::unique_ptr<KernelClient> client(std::string_view name = "camera", std::uint32_t types = ~0U) {
        auto made = host_.client_create(name, types);
        EXPECT_TRUE(made);
        return *std::move(made);
    }

    static DriverHandle page(KernelClient& client) {
        const auto handle = client.alloc(4096, 0, ~0U, 0);
        EXPECT_TRUE(handle);
        return handle ? *handle : 0;
    }

    HeapSet heaps_;
    TestHeap* heap_ = nullptr;
    CollectingLog log_;
    Device device_{heaps_, log_};
    KernelClients host_{device_, false};
};

TEST_F(Drivers, AreListedByTheirNames) {
    const auto first = client();
    const auto second = client();
    const auto third = client(std::string(100, 'x'));
    const Snapshot snapshot = device_.snapshot();
    ASSERT_EQ(snapshot.clients.size(), 3U);
    EXPECT_EQ(snapshot.clients[0].name, "camera");
    EXPECT_EQ(snapshot.clients[0].serial, 0U);
    EXPECT_EQ(snapshot.clients[1].serial, 1U);
    EXPECT_EQ(snapshot.clients[2].name, std::string(63, 'x'));
}

TEST_F(Drivers, NeedNamesThatFilesCanHave) {
    for (const char* name : {"", "a/b", "..", "two words", "\n"}) {
        EXPECT_EQ(host_.client_create(name, ~0U).error().code, EINVAL) << name;
    }
}

TEST_F(Drivers, AllocateFromTheTypesTheyAreFor) {
    const auto for_cp = client("a", 1U << kCpType);
    const auto for_carveout = client("b", 1U << kCarveoutType);
    EXPECT_TRUE(for_cp->alloc(4096, 0, 1U << 3, 0));
    EXPECT_EQ(for_cp->alloc(4096, 0, 1U << 4, 0).error().code, ENODEV);
    EXPECT_EQ(for_carveout->alloc(4096, 0, 1U << 3, 0).error().code, ENODEV);
    EXPECT_EQ(for_cp->alloc(0, 0, 1U << 3, 0).error().code, EINVAL);
}

TEST_F(Drivers, SeeWhereTheirBuffersLie) {
    const auto one = client();
    const DriverHandle handle = *one->alloc(8192, 0, ~0U, 5);
    EXPECT_EQ(*one->phys(handle), (PlacedRange{1 << 30, 8192}));
    EXPECT_THAT(*one->sg_table(handle), ElementsAre(PlacedRange{1 << 30, 8192}));
    EXPECT_EQ(*one->size(handle), 8192U);
    EXPECT_EQ(*one->flags(handle), 5U);
    EXPECT_EQ(one->phys(handle + 1).error().code, EINVAL);
    EXPECT_EQ(one->flags(handle + 1).error().code, EINVAL);
    EXPECT_EQ(one->free(handle + 1).error().code, EINVAL);
}

TEST_F(Drivers, ShareOneMappingOfABuffer) {
    const auto one = client();
    auto other = client();
    const DriverHandle handle = page(*one);
    const DriverHandle imported = *other->import_from(1, handle);
    auto bytes = one->map_kernel(handle);
    ASSERT_TRUE(bytes) << bytes.error().context;
    EXPECT_EQ(one->map_kernel(handle)->data(), bytes->data());
    EXPECT_EQ(other->map_kernel(imported)->data(), bytes->data());
    EXPECT_EQ(heap_->maps, 1);
    EXPECT_EQ(device_.snapshot().buffers[0].kernel_maps, 3U);
    EXPECT_TRUE(one->unmap_kernel(handle));
    EXPECT_TRUE(one->unmap_kernel(handle));
    EXPECT_EQ(one->unmap_kernel(handle).error().code, EINVAL);
    bytes->front() = std::byte{7};
    EXPECT_EQ(heap_->maps, 1);
    other.reset();
    EXPECT_EQ(heap_->maps, 0);
}

TEST_F(Drivers, LoseTheirMappingsWithTheHandle) {
    const auto one = client();
    const DriverHandle handle = page(*one);
    ASSERT_TRUE(one->map_kernel(handle));
    ASSERT_TRUE(one->map_kernel(handle));
    EXPECT_TRUE(one->free(handle));
    EXPECT_EQ(heap_->maps, 0);
    EXPECT_EQ(one->unmap_kernel(handle).error().code, EINVAL);
}

TEST_F(Drivers, ImportWhatTheyShare) {
    const auto one = client();
    const auto other = client();
    const DriverHandle handle = page(*one);
    const auto fd = one->share(handle);
    ASSERT_TRUE(fd) << fd.error().context;
    EXPECT_EQ(*one->import(fd->get()), handle);
    EXPECT_TRUE(one->free(handle));
    EXPECT_TRUE(one->size(handle));
    EXPECT_TRUE(other->import(fd->get()));
    EXPECT_EQ(other->import(-1).error().code, EBADF);
    EXPECT_EQ(other->import(0).error().code, EINVAL);
    EXPECT_EQ(other->import_from(1, 99).error().code, EINVAL);
    EXPECT_EQ(other->import_from(99, handle).error().code, EINVAL);
}

TEST_F(Drivers, MapIntoADeviceOncePerSpace) {
    const auto one = client();
    const DriverHandle handle = page(*one);
    const IommuMapping space{.domain = 2, .partition = 1};
    const auto range = one->map_iommu(handle, space, 0);
    ASSERT_TRUE(range);
    EXPECT_EQ(range->address, 0x2000U);
    EXPECT_EQ(range->size, 4096U);
    EXPECT_TRUE(one->map_iommu(handle, space, 0));
    EXPECT_EQ(heap_->spaces, 1);
    EXPECT_EQ(one->map_iommu(handle, space, 2).error().code, EINVAL);
    EXPECT_EQ(one->map_iommu(handle, {.domain = 2, .partition = 1, .length = 8192}, 0).error().code, EINVAL);
    EXPECT_EQ(one->map_iommu(handle, {.domain = 3, .length = 4095}, 0).error().code, EINVAL);
    EXPECT_EQ(one->map_iommu(handle, {.domain = 3, .length = 4097}, 0).error().code, EINVAL);
    EXPECT_EQ(one->map_iommu(handle, {.domain = 3}, 1).error().code, EINVAL);
    EXPECT_TRUE(one->unmap_iommu(handle, 2, 1));
    EXPECT_EQ(heap_->spaces, 1);
    EXPECT_TRUE(one->unmap_iommu(handle, 2, 1));
    EXPECT_EQ(heap_->spaces, 0);
    EXPECT_EQ(one->unmap_iommu(handle, 2, 1).error().code, EINVAL);
}

TEST_F(Drivers, LoseTheirSpacesWithTheHandle) {
    const auto one = client();
    auto other = client();
    const DriverHandle handle = page(*one);
    const DriverHandle imported = *other->import_from(1, handle);
    ASSERT_TRUE(one->map_iommu(handle, {.domain = 2}, 0));
    ASSERT_TRUE(other->map_iommu(imported, {.domain = 2}, 0));
    ASSERT_TRUE(other->map_iommu(imported, {.domain = 3}, 0));
    EXPECT_EQ(device_.snapshot().buffers[0].spaces.size(), 2U);
    EXPECT_EQ(other->unmap_iommu(imported, 2, 1).error().code, EINVAL);
    ASSERT_TRUE(one->free(handle));
    EXPECT_EQ(heap_->spaces, 2);
    other.reset();
    EXPECT_EQ(heap_->spaces, 0);
}

TEST_F(Drivers, GetOneListForTheLifeOfABuffer) {
    const auto one = client();
    const DriverHandle handle = page(*one);
    EXPECT_EQ(*one->sg_table(handle), *one->sg_table(handle));
    EXPECT_EQ(heap_->lists, 1);
    ASSERT_TRUE(one->free(handle));
    for (const BufferId id : device_.take_unreferenced()) {
        EXPECT_TRUE(device_.release_if_idle(id));
    }
    EXPECT_EQ(heap_->lists, 0);
}

TEST_F(Drivers, SecureOnlyHeapsThatCanBe) {
    EXPECT_TRUE(host_.secure_heap(1U << 3));
    EXPECT_EQ(heap_->secured, 1);
    EXPECT_EQ(host_.protections(3), 1U);
    EXPECT_TRUE(host_.secure_heap(1U << 9));  // there is none
    EXPECT_TRUE(host_.unsecure_heap(~0U));
    EXPECT_EQ(heap_->secured, 0);
}

TEST_F(Drivers, SecureAHeapOnceItsLastUserHasGone) {
    const auto one = client();
    const DriverHandle handle = page(*one);
    auto seen = one->share(handle);
    ASSERT_TRUE(seen) << seen.error().context;
    EXPECT_EQ(host_.secure_heap(1U << 3).error().code, EINVAL);
    EXPECT_EQ(heap_->users, 1);
    seen->reset();
    EXPECT_TRUE(host_.secure_heap(1U << 3));
    EXPECT_EQ(heap_->users, 0);
}

TEST_F(Drivers, AskForProtectedContentAsTheirGenerationDoes) {
    constexpr std::uint32_t kMask = 1U << 3 | kFlagSecure;
    KernelClients generation_a(device_, true);
    const auto old = *generation_a.client_create("old", ~0U);
    EXPECT_EQ(*old->flags(*old->alloc(4096, 0, kMask, 0)), kFlagSecure);
    const auto one = client();
    EXPECT_EQ(*one->flags(*one->alloc(4096, 0, kMask, 0)), 0U);
}

TEST_F(Drivers, AreGoneWithTheWorker) {
    const auto one = client();
    (void)page(*one);
    const auto records = KernelClients::close_former(device_.state());
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(std::get<ClientClosed>(records[0]).client, ClientId{1});
}

}  // namespace
}  // namespace ion
