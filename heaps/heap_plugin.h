// SPDX-License-Identifier: Apache-2.0
//
// HeapPlugin: what a shared object with heap types says of itself, and the one function by which it says it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "heaps/heap_type.h"

namespace ion {

/// Rises with every change of Heap, HeapType or what they are made of that a plug-in must be compiled for.
inline constexpr std::uint32_t kHeapInterfaceVersion = 1;

/// Constant for as long as the plug-in is loaded, which is until the process ends.
struct HeapPlugin {
    /// First, in every version: nothing else is looked at before it was found equal.
    std::uint32_t interface_version = kHeapInterfaceVersion;
    /// Sizes in bytes. They differ when the headers, or the compiler's idea of them, are not the daemon's.
    std::uint32_t plugin_size = sizeof(HeapPlugin);
    std::uint32_t type_size = sizeof(HeapType);
    std::uint32_t parameters_size = sizeof(HeapParameters);
    const char* name = nullptr;
    const char* version = nullptr;       ///< of the plug-in, any text
    const char* compiler = __VERSION__;  ///< for messages
    const HeapType* types = nullptr;     ///< `type_count` of them, at least one
    std::size_t type_count = 0;
};

/// Name and type of a plug-in's one entry point; C linkage.
inline constexpr const char* kHeapPluginEntry = "iond_heap_plugin";
using HeapPluginEntry = const HeapPlugin* (*)();

}  // namespace ion

/// Defines the entry point. `heap_types`: an array of ion::HeapType with static storage.
#define IOND_HEAP_PLUGIN(plugin_name, plugin_version, heap_types)                                   \
    extern "C" __attribute__((visibility("default"))) const ::ion::HeapPlugin* iond_heap_plugin() { \
        static const ::ion::HeapPlugin plugin{.name = (plugin_name),                                \
                                              .version = (plugin_version),                          \
                                              .types = std::data(heap_types),                       \
                                              .type_count = std::size(heap_types)};                 \
        return &plugin;                                                                             \
    }                                                                                               \
    static_assert(true)
