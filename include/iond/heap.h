// SPDX-License-Identifier: Apache-2.0
//
// <iond/heap.h>: all that a heap plug-in is written against. docs/plugins.md has the rules.
//
//     g++ -std=c++20 -shared -fPIC $(pkg-config --cflags iond-heap) my_heap.cpp -o my_heap.so
//
// A plug-in links nothing: what these headers declare is found in the program that loads it.

#pragma once

#include "daemon/base/checked_math.h"
#include "daemon/base/log.h"
#include "heaps/arena.h"
#include "heaps/contiguous.h"
#include "heaps/exporter_chain.h"
#include "heaps/first_fit_placer.h"
#include "heaps/heap.h"
#include "heaps/heap_parts.h"
#include "heaps/heap_plugin.h"
#include "heaps/heap_type.h"
#include "heaps/memfd.h"
#include "heaps/placer.h"
#include "heaps/range_allocator.h"
#include "heaps/region_heap.h"
#include "heaps/scrubber.h"
