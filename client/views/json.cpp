// SPDX-License-Identifier: Apache-2.0

#include "client/views/json.h"

namespace ion::views {
namespace {

std::string dumped(const Json& document, int indent) {
    return document.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Json json_document(std::string_view kind) {
    return {{"schema", kJsonSchema}, {"kind", kind}};
}

std::string json_text(const Json& document) {
    return dumped(document, 2);
}

std::string json_line(const Json& document) {
    return dumped(document, -1);
}

}  // namespace ion::views
