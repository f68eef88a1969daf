// SPDX-License-Identifier: Apache-2.0
//
// HeapSet: the heaps by id, and which of them to try for a caller's mask.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/core/allocation_request.h"
#include "daemon/core/ids.h"
#include "daemon/core/limits.h"
#include "heaps/heap.h"

namespace ion {

/// A heap and what callers know it by.
struct RegisteredHeap {
    HeapId id;
    std::uint32_t type = 0;  ///< number in the callers' ABI
    std::string type_name;   ///< as configured
    std::string name;
    std::unique_ptr<Heap> heap;
    HeapRules rules{};
};

/// Ids are unique. Pointers to a RegisteredHeap are good until the next change; those to its Heap until it goes.
class HeapSet {
  public:
    /// Takes the heap over. Errors: EEXIST when the id is taken.
    Result<void> add(RegisteredHeap heap);

    /// Takes a heap out, to be destroyed; all its buffers are gone. Nothing when there is no such heap.
    [[nodiscard]] std::unique_ptr<Heap> remove(HeapId id);

    /// Other rules for a heap, from here on. Nothing when there is no such heap.
    void set_rules(HeapId id, HeapRules rules);

    /// Heaps whose id bit is in `mask`, in the order in which they are to be tried.
    [[nodiscard]] std::vector<const RegisteredHeap*> matching(std::uint32_t mask, HeapOrder order) const;

    [[nodiscard]] const RegisteredHeap* find(HeapId id) const;

    /// All, by ascending id.
    [[nodiscard]] const std::vector<RegisteredHeap>& all() const { return heaps_; }

  private:
    std::vector<RegisteredHeap> heaps_;
};

}  // namespace ion
