// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/svg.h"

namespace ion {

std::string svg_text(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '&':
                result += "&amp;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += c >= ' ' && c < 0x7f ? c : '?';
        }
    }
    return result;
}

}  // namespace ion
