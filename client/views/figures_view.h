// SPDX-License-Identifier: Apache-2.0
//
// Heaps and clients as tables and as JSON.

#pragma once

#include <string>

#include "client/usage/figures.h"
#include "client/views/json.h"
#include "client/views/table.h"
#include "client/views/text.h"

namespace ion::views {

[[nodiscard]] Table heaps_table(const usage::Figures& figures, Sizes sizes);
[[nodiscard]] Json heaps_json(const usage::Figures& figures);

/// In the order of `figures.clients`.
[[nodiscard]] Table clients_table(const usage::Figures& figures, Sizes sizes);
[[nodiscard]] Json client_json(const usage::Figures& figures, const usage::ClientFigures& client);
[[nodiscard]] Json clients_json(const usage::Figures& figures);

/// It allocates and does not free, says iond.
[[nodiscard]] bool grows(const usage::Figures& figures, const usage::ClientFigures& client);

/// "sf 4.0K, system 12.0K", and for one that grows by how much it has.
[[nodiscard]] std::string memory_of(const usage::Figures& figures, const usage::ClientFigures& client,
                                    Sizes sizes);

/// The clients with most memory first; among equals their order stays.
void sort_by_bytes(usage::Figures& figures);

}  // namespace ion::views
