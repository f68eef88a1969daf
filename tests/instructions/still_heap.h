// SPDX-License-Identifier: Apache-2.0
//
// StillHeap: a heap whose memory is nothing at all: no system call, no growing table, so that what is counted over it
// is the daemon's own.

#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "heaps/heap.h"

namespace ion {

class StillHeap final : public Heap {
  public:
    [[nodiscard]] Result<std::unique_ptr<Backing>> allocate(const HeapRequest& request) override {
        return std::unique_ptr<Backing>(std::make_unique<Allocation>(request.size_bytes, ++last_inode_));
    }
    [[nodiscard]] Result<std::unique_ptr<Backing>> restore(RestoreRequest /*request*/) override {
        return fail(ENOTSUP, "nothing is restored");
    }
    [[nodiscard]] HeapUsage usage() const override { return {}; }
    [[nodiscard]] bool has_addresses() const override { return false; }

  private:
    class Nothing final : public Memory {
      public:
        explicit Nothing(std::uint64_t inode) : id_{.device = 1, .inode = inode} {}
        [[nodiscard]] ExporterKind kind() const override { return ExporterKind::kMemfd; }
        [[nodiscard]] int fd() const override { return -1; }
        [[nodiscard]] FileId id() const override { return id_; }
        [[nodiscard]] Result<UniqueFd> open_export() const override { return UniqueFd(); }
        [[nodiscard]] bool idle() const override { return true; }

      private:
        FileId id_;
    };

    class Allocation final : public Backing {
      public:
        Allocation(std::uint64_t size, std::uint64_t inode) : size_(size), memory_(inode) {}
        [[nodiscard]] const Memory& memory() const override { return memory_; }
        [[nodiscard]] std::uint64_t size() const override { return size_; }
        [[nodiscard]] std::span<const PlacedRange> placement() const override { return {}; }

      private:
        std::uint64_t size_;
        Nothing memory_;
    };

    std::uint64_t last_inode_ = 0;
};

}  // namespace ion
