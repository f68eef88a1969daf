// SPDX-License-Identifier: Apache-2.0

#include "heaps/free_runs.h"

#include <algorithm>
#include <cassert>

#include "daemon/base/checked_math.h"

namespace ion {
namespace {

/// The next number of SplitMix64 (Steele, Lea, Flood 2014): balances the tree the same way in every run.
std::uint64_t next_random(std::uint64_t& state) {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

/// Bytes of a run from its first multiple of `align` on.
std::uint64_t aligned_size(const PlacedRange& run, std::uint64_t align) {
    const std::uint64_t padding = (0 - run.base) & (align - 1);
    return run.size > padding ? run.size - padding : 0;
}

}  // namespace

void FreeRuns::reserve(std::size_t count) {
    const std::size_t wanted = count + 1;  // and nodes_[kNone]
    if (nodes_.capacity() < wanted) {
        nodes_.reserve(std::max(wanted, 2 * nodes_.capacity()));
    }
}

void FreeRuns::insert(PlacedRange run) {
    const Index node = new_node(run);
    const Pair parts = split(root_, run.base);
    root_ = merge(merge(parts.low, node), parts.high);
    ++count_;
}

void FreeRuns::erase(std::uint64_t base) {
    root_ = remove(root_, base);
    --count_;
}

void FreeRuns::resize(std::uint64_t base, PlacedRange run) {
    change(root_, base, run);
}

std::optional<PlacedRange> FreeRuns::lowest_fit(std::uint64_t size, std::uint64_t align) const {
    assert(size != 0 && is_power_of_two(align) && align >= kPageSize);
    const auto known = static_cast<std::size_t>(std::countr_zero(std::min(align, kMaxAlign) / kPageSize));
    const Index found = search(root_, size, align, known);
    return found == kNone ? std::nullopt : std::optional(nodes_[found].run);
}

std::optional<PlacedRange> FreeRuns::at_or_below(std::uint64_t address) const {
    Index best = kNone;
    for (Index tree = root_; tree != kNone;) {
        const Node& node = nodes_[tree];
        if (node.run.base <= address) {
            best = tree;
            tree = node.right;
        } else {
            tree = node.left;
        }
    }
    return best == kNone ? std::nullopt : std::optional(nodes_[best].run);
}

FreeRuns::Index FreeRuns::new_node(PlacedRange run) {
    Index index = unused_;
    if (index != kNone) {
        unused_ = nodes_[index].left;
    } else {
        index = static_cast<Index>(nodes_.size());
        nodes_.emplace_back();
    }
    nodes_[index] = {.run = run, .priority = next_random(random_state_)};
    update(index);
    return index;
}

/// Makes `fits` true again after a change of the children.
void FreeRuns::update(Index tree) {
    Node& node = nodes_[tree];
    const Node& left = nodes_[node.left];
    const Node& right = nodes_[node.right];
    for (std::size_t i = 0; i < kAlignments; ++i) {
        node.fits[i] = std::max({aligned_size(node.run, kPageSize << i), left.fits[i], right.fits[i]});
    }
}

/// The tree without the run that begins at `base`.
FreeRuns::Index FreeRuns::remove(Index tree, std::uint64_t base) {
    assert(tree != kNone);
    Node& node = nodes_[tree];
    if (node.run.base == base) {
        const Index rest = merge(node.left, node.right);
        node.left = unused_;
        unused_ = tree;
        return rest;
    }
    Index& child = base < node.run.base ? node.left : node.right;
    child = remove(child, base);
    update(tree);
    return tree;
}

void FreeRuns::change(Index tree, std::uint64_t base, const PlacedRange& run) {
    assert(tree != kNone);
    Node& node = nodes_[tree];
    if (node.run.base == base) {
        node.run = run;
    } else {
        change(base < node.run.base ? node.left : node.right, base, run);
    }
    update(tree);
}

/// Cuts a tree into the runs that begin below `base` and the others.
FreeRuns::Pair FreeRuns::split(Index tree, std::uint64_t base) {
    if (tree == kNone) {
        return {};
    }
    Node& node = nodes_[tree];
    if (node.run.base < base) {
        const Pair parts = split(node.right, base);
        node.right = parts.low;
        update(tree);
        return {.low = tree, .high = parts.high};
    }
    const Pair parts = split(node.left, base);
    node.left = parts.high;
    update(tree);
    return {.low = parts.low, .high = tree};
}

/// Joins two trees; every run of `low` lies below those of `high`.
FreeRuns::Index FreeRuns::merge(Index low, Index high) {
    if (low == kNone || high == kNone) {
        return low == kNone ? high : low;
    }
    if (nodes_[low].priority >= nodes_[high].priority) {
        nodes_[low].right = merge(nodes_[low].right, high);
        update(low);
        return low;
    }
    nodes_[high].left = merge(low, nodes_[high].left);
    update(high);
    return high;
}

/// `known`: the alignment in Node::fits that decides which subtrees to leave out.
FreeRuns::Index FreeRuns::search(Index tree, std::uint64_t size, std::uint64_t align,
                                 std::size_t known) const {
    if (nodes_[tree].fits[known] < size) {
        return kNone;  // as it is for the empty tree
    }
    const Node& node = nodes_[tree];
    if (const Index found = search(node.left, size, align, known); found != kNone) {
        return found;
    }
    return aligned_size(node.run, align) >= size ? tree : search(node.right, size, align, known);
}

}  // namespace ion
