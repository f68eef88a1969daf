// SPDX-License-Identifier: Apache-2.0
//
// Plug-ins that must be refused: BAD_... says what is wrong with this one.

#include "iond/heap.h"

#include <cstdlib>
#include <stdexcept>

namespace {

ion::Result<std::unique_ptr<ion::Heap>> make_none(ion::HeapParameters /*parameters*/) {
#if defined(BAD_CRASH)
    std::abort();
#endif
    return ion::fail(EINVAL, "never made");
}

constexpr ion::HeapType kTypes[] = {{.name = BAD_NAME,
                                     .mainline_number = {},
                                     .msm34_number = {},
                                     .region = ion::RegionNeed::kNone,
                                     .options = {},
                                     .make = BAD_MAKE}};

}  // namespace

#if defined(BAD_VERSION)
// A struct of a later interface: only its first field is known here.
extern "C" const void* iond_heap_plugin() {
    static const std::uint32_t version = BAD_VERSION;
    return &version;
}
[[maybe_unused]] static const void* const used[] = {static_cast<const void*>(kTypes),
                                                    reinterpret_cast<const void*>(make_none)};
#elif defined(BAD_ENTRY)
IOND_HEAP_PLUGIN("bad", "1", kTypes);
#elif defined(BAD_THROW)
extern "C" const ion::HeapPlugin* iond_heap_plugin() {
    throw std::runtime_error(kTypes[0].name.data());
}
#elif defined(BAD_LAYOUT)
extern "C" const ion::HeapPlugin* iond_heap_plugin() {
    static const ion::HeapPlugin plugin{
        .type_size = 8, .name = "bad", .version = "1", .types = kTypes, .type_count = 1};
    return &plugin;
}
#elif defined(BAD_SYMBOL)
extern "C" void iond_nobody_has_this();
IOND_HEAP_PLUGIN((iond_nobody_has_this(), "bad"), "1", kTypes);
#elif defined(BAD_MISSING)
[[maybe_unused]] static const ion::HeapType* const used = kTypes;
#endif
