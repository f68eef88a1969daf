// SPDX-License-Identifier: Apache-2.0
//
// CUSTOM commands of the drivers in unruly_driver.cpp.

#pragma once

#define UNRULY_THROW 0x5A000001U
#define UNRULY_CRASH 0x5A000002U
#define UNRULY_ALLOC \
    0x5A000003U  // a page of heap 2 that it keeps, mapped, and in a device's space where there is one
#define UNRULY_SECURE 0x5A000004U  // and unsecure: all heaps that protect content
#define UNRULY_UNSECURE 0x5A000005U
