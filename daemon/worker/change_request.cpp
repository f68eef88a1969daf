// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/change_request.h"

#include <nlohmann/json.hpp>

namespace ion {

Result<std::string> text_of(std::string_view document, const char* key) {
    const auto json = nlohmann::json::parse(document, nullptr, false);
    if (!json.is_object() || !json.contains(key) || !json[key].is_string()) {
        return fail(EINVAL, std::string("the request is no JSON object with a text \"") + key + "\"");
    }
    return json[key].get<std::string>();
}

/// JSON's escapes are TOML's as well.
std::string quoted_toml(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool sets_more_than_tables(const Document& document) {
    return document.preset || document.personality || document.log_level || !document.without.empty() ||
           !document.drivers.empty();
}

std::vector<ConfigurationPiece> pieces_without(std::vector<ConfigurationPiece> pieces,
                                               const std::string& subject) {
    std::erase_if(pieces, [&](const ConfigurationPiece& piece) { return piece.subject == subject; });
    return pieces;
}

}  // namespace ion
