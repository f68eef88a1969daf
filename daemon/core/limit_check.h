// SPDX-License-Identifier: Apache-2.0
//
// Whether limits allow a client to hold more, and which of them does not.

#pragma once

#include <string>
#include <string_view>

#include "daemon/base/result.h"
#include "daemon/core/charges.h"
#include "daemon/core/limits.h"

namespace ion {

/// May `payer` hold `more` beside what it has of all heaps? Errors: ENOMEM, "limits.uid.bytes is 64M: 60M held, 8M
/// asked".
[[nodiscard]] Result<void> check_limits(const Limits& limits, const Charges& charges, const Payer& payer,
                                        const Amounts& more);

/// The same for one heap; the error reads "heap.limits.client.buffers is ...".
[[nodiscard]] Result<void> check_heap_limits(const Limits& limits, const Charges& charges, const Payer& payer,
                                             HeapId heap, const Amounts& more);

/// As configurations and messages call them.
[[nodiscard]] std::string_view scope_name(Scope scope);

}  // namespace ion
