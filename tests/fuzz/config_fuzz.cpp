// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the text of a configuration, as /etc or an option may name them.
//
// Input: the text; a byte 0xff, which no TOML text has, divides it into files. What is refused must be refused with
// a place, and what is accepted must be what a device can be made of.

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/ranges.h"
#include "tests/unit/config/test_types.h"

namespace {

using namespace ion;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

PlacedRange region_of(const HeapConfig& heap) {
    return {.base = heap.base, .size = heap.size};
}

void check_heap(const HeapConfig& heap) {
    const HeapType* const type = find_heap_type(kTestTypes, heap.type);
    require(type != nullptr && heap.id < kHeapIds && !heap.name.empty() && !heap.exporters.empty());
    const bool has_region = type->region == RegionNeed::kRequired;
    require((heap.base != 0) == has_region && (heap.size != 0) == has_region);
    require(heap.base % 4096 == 0 && heap.size % 4096 == 0 && heap.base + heap.size >= heap.base);
    require(heap.secured.base <= heap.base && heap.secured.size >= heap.size);
    for (const OptionSpec& spec : type->options) {
        if (spec.kind == OptionKind::kSize || spec.kind == OptionKind::kInteger) {
            const std::uint64_t number = heap.options.number(spec.name);
            require(number >= spec.minimum && number <= spec.maximum);
        }
    }
}

void check_heaps(const std::vector<HeapConfig>& heaps) {
    require(!heaps.empty());
    for (const HeapConfig& heap : heaps) {
        check_heap(heap);
        for (const HeapConfig& other : heaps) {
            if (&heap != &other) {
                require(heap.id != other.id && heap.name != other.name &&
                        !overlap(region_of(heap), region_of(other)));
            }
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<ConfigText> texts{{"f", ""}};
    for (std::size_t i = 0; i < size; ++i) {
        if (data[i] == 0xff) {
            texts.push_back({"f", ""});
        } else {
            texts.back().text += static_cast<char>(data[i]);
        }
    }
    const auto config = parse_config(texts, kTestTypes);
    if (!config) {
        const std::string& context = config.error().context;
        require(config.error().code == EINVAL &&
                (context.starts_with("f:") || context.starts_with("preset ")));
        return 0;
    }
    check_heaps(config->heaps);
    require(parse_config(texts, kTestTypes)->heaps == config->heaps);
    return 0;
}
