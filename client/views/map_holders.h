// SPDX-License-Identifier: Apache-2.0
//
// MapHolders: who has what of a heap's map, in an order that gives each a letter and a colour.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/views/map_view.h"

namespace ion::views {

struct MapHolder {
    std::string holder;   ///< as in MapRun
    std::string command;  ///< empty when it is not known
    std::uint64_t bytes = 0;
    std::uint64_t runs = 0;
};

class MapHolders {
  public:
    explicit MapHolders(const HeapMap& map);

    /// Most bytes first, then by name.
    [[nodiscard]] const std::vector<MapHolder>& all() const { return all_; }

    /// The place of a holder in all().
    [[nodiscard]] std::size_t place(const std::string& holder) const;

  private:
    std::vector<MapHolder> all_;
};

/// "611 surfaceflinger", or "nobody's handle" for what only descriptors or mappings keep.
[[nodiscard]] std::string holder_text(const MapHolder& holder);

/// Sums of a map, in bytes.
struct MapSums {
    std::uint64_t base = 0;  ///< the lowest address
    std::uint64_t size = 0;  ///< from there to the end of the last run
    std::uint64_t used = 0;
    std::uint64_t free = 0;  ///< as listed: heaps whose map has buffers alone list none
    std::uint64_t largest_free = 0;
    std::uint64_t used_runs = 0;
};
[[nodiscard]] MapSums sums_of(const HeapMap& map);

/// "carveout: 64.0M at 0x10000000; 12.0M in 3 runs used, 52.0M free, longest run 50.0M"
[[nodiscard]] std::string map_title(const HeapMap& map);

}  // namespace ion::views
