// SPDX-License-Identifier: Apache-2.0

#include "plugins/guarded_heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/fakes/fake_heap.h"

namespace ion {
namespace {

/// What the heap of a test does, decided by the test.
struct Script {
    bool throws = false;
    bool odd_size = false;
    std::string seen;  ///< the activity while an allocation was made
};
Script script;
Activity activity;

class OddBacking final : public Backing {
  public:
    explicit OddBacking(std::unique_ptr<Backing> inner) : inner_(std::move(inner)) {}
    [[nodiscard]] const Memory& memory() const override { return inner_->memory(); }
    [[nodiscard]] std::uint64_t size() const override { return 1; }
    [[nodiscard]] std::span<const PlacedRange> placement() const override { return {}; }

  private:
    std::unique_ptr<Backing> inner_;
};

class ScriptedHeap final : public Heap {
  public:
    Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override {
        script.seen = activity_text(activity);
        throw_if_told();
        auto made = inner_.allocate(request);
        inner_.memory(0).fd = 100;
        if (!script.odd_size) {
            return made;
        }
        return std::unique_ptr<Backing>(std::make_unique<OddBacking>(*std::move(made)));
    }
    Result<std::unique_ptr<Backing>> restore(RestoreRequest request) override {
        throw_if_told();
        return inner_.restore(std::move(request));
    }
    [[nodiscard]] HeapUsage usage() const override {
        throw_if_told();
        return {.total = 7};
    }
    [[nodiscard]] bool has_addresses() const override { return true; }
    [[nodiscard]] Result<void> secure() override {
        throw_if_told();
        return {};
    }
    [[nodiscard]] Result<std::uint64_t> phys(const Backing& buffer) const override {
        // A buffer comes back as the heap's own object, not as what guards it.
        return buffer.size();
    }
    [[nodiscard]] std::string print_debug(DebugLayout /*layout*/) const override {
        throw_if_told();
        return "mine\n";
    }

  private:
    static void throw_if_told() {
        if (script.throws) {
            throw std::runtime_error("as told");
        }
    }
    FakeHeap inner_{{1 << 20, 1 << 20}};
};

Result<std::unique_ptr<Heap>> make_scripted(HeapParameters /*parameters*/) {
    if (script.throws) {
        throw 42;  // NOLINT: plug-ins may throw anything
    }
    return std::unique_ptr<Heap>(std::make_unique<ScriptedHeap>());
}

Result<std::unique_ptr<Heap>> make_nothing(HeapParameters /*parameters*/) {
    return std::unique_ptr<Heap>();
}

Result<std::unique_ptr<Heap>> make_guarded(decltype(HeapType::make) make) {
    const HeapType type{.name = "scripted", .mainline_number = {}, .msm34_number = {}, .make = make};
    return GuardedHeap::make(type, HeapParameters{},
                             PluginGuard(activity, "heap \"x\" of plug-in t 1", 5, kHeapPenalty));
}

class Guarded : public testing::Test {
  protected:
    Guarded() {
        script = {};
        auto made = make_guarded(make_scripted);
        EXPECT_TRUE(made);
        heap_ = *std::move(made);
    }
    ~Guarded() override { EXPECT_EQ(activity_text(activity), ""); }
    std::unique_ptr<Heap> heap_;
};

TEST_F(Guarded, HeapWorksAsThatOfThePlugin) {
    const auto buffer = heap_->allocate({.size_bytes = 4096});
    ASSERT_TRUE(buffer);
    EXPECT_EQ(script.seen, "allocate of heap \"x\" of plug-in t 1");
    EXPECT_EQ((*buffer)->size(), 4096U);
    EXPECT_EQ((*buffer)->memory().fd(), 100);
    EXPECT_TRUE((*buffer)->memory().idle());
    EXPECT_EQ((*buffer)->placement().front(), (PlacedRange{1 << 20, 4096}));
    EXPECT_EQ(*heap_->phys(**buffer), 4096U);
    EXPECT_EQ(heap_->usage().total, 7U);
    EXPECT_EQ(heap_->print_debug(DebugLayout::kB), "mine\n");
    EXPECT_TRUE(heap_->has_addresses());
    EXPECT_TRUE(heap_->secure());
}

TEST_F(Guarded, ExceptionsBecomeErrors) {
    script.throws = true;
    EXPECT_EQ(heap_->allocate({.size_bytes = 4096}).error().code, EIO);
    EXPECT_EQ(heap_->restore({}).error().code, EIO);
    EXPECT_EQ(heap_->secure().error().code, EIO);
    EXPECT_EQ(heap_->usage().total, 0U);
    EXPECT_EQ(heap_->print_debug(DebugLayout::kA), "");
    script.throws = false;
    EXPECT_TRUE(heap_->allocate({.size_bytes = 4096}));
}

TEST_F(Guarded, HeapThatKeepsThrowingIsGivenNoMore) {
    script.throws = true;
    for (int i = 0; i < PluginGuard::kMaxExceptions; ++i) {
        EXPECT_EQ(heap_->allocate({.size_bytes = 4096}).error().code, EIO);
    }
    script.throws = false;
    EXPECT_EQ(heap_->allocate({.size_bytes = 4096}).error().code, ENODEV);
    EXPECT_EQ(heap_->usage().total, 7U);
}

TEST_F(Guarded, BufferThatWasNotAskedForIsRefused) {
    script.odd_size = true;
    EXPECT_EQ(heap_->allocate({.size_bytes = 4096}).error().code, EIO);
}

TEST_F(Guarded, HeapThatCannotBeMadeIsAnError) {
    script.throws = true;
    EXPECT_EQ(make_guarded(make_scripted).error().code, EIO);
    EXPECT_EQ(make_guarded(make_nothing).error().code, EIO);
}

}  // namespace
}  // namespace ion
