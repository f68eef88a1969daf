// SPDX-License-Identifier: Apache-2.0

#include "plugins/guarded_buffer.h"

namespace ion {
namespace {

class GuardedMemory final : public Memory {
  public:
    GuardedMemory(const Memory& memory, PluginGuard& guard)
        : guard_(guard), memory_(memory), kind_(memory.kind()), fd_(memory.fd()), id_(memory.id()) {}

    [[nodiscard]] ExporterKind kind() const override { return kind_; }
    [[nodiscard]] int fd() const override { return fd_; }
    [[nodiscard]] FileId id() const override { return id_; }
    [[nodiscard]] Result<UniqueFd> open_export() const override {
        return guard_.run("open_export", [&] { return memory_.open_export(); });
    }
    [[nodiscard]] bool idle() const override {
        return guard_.run(
            "idle", [&] { return memory_.idle(); }, false);
    }

  private:
    PluginGuard& guard_;
    const Memory& memory_;
    ExporterKind kind_;
    int fd_;
    FileId id_;
};

}  // namespace

GuardedBacking::GuardedBacking(std::unique_ptr<Backing> backing, PluginGuard& guard)
    : guard_(guard), backing_(std::move(backing)), size_(backing_->size()) {
    memory_ = std::make_unique<GuardedMemory>(backing_->memory(), guard_);
    const auto placement = backing_->placement();
    placement_.assign(placement.begin(), placement.end());
}

GuardedBacking::~GuardedBacking() {
    guard_.run("free", [&] { backing_.reset(); });
}

Result<std::unique_ptr<Backing>> GuardedBacking::wrap(std::unique_ptr<Backing> backing, std::uint64_t size,
                                                      PluginGuard& guard) {
    if (backing == nullptr) {
        return fail(EIO, "the plug-in gave no buffer");
    }
    using Wrapped = std::unique_ptr<GuardedBacking>;
    auto wrapped = guard.run(
        "looking at a buffer", [&] { return Wrapped(new GuardedBacking(std::move(backing), guard)); },
        Wrapped());
    if (wrapped == nullptr) {
        return fail(EIO, "the plug-in threw an exception");
    }
    if (wrapped->size() != size || wrapped->memory().fd() < 0) {
        guard.report("allocate", "nothing, but gave a buffer of another size or without a descriptor");
        return fail(EIO, "the plug-in gave a buffer that was not asked for");
    }
    return std::unique_ptr<Backing>(std::move(wrapped));
}

}  // namespace ion
