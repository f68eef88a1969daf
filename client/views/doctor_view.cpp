// SPDX-License-Identifier: Apache-2.0

#include "client/views/doctor_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/views/text.h"

namespace ion::views {
namespace {

const char* name_of(Health health) {
    switch (health) {
        case Health::kOk:
            return "ok";
        case Health::kLimited:
            return "limited";
        case Health::kMissing:
            break;
    }
    return "missing";
}

}  // namespace

std::string doctor_text(std::span<const Finding> findings) {
    std::string text;
    for (const Finding& finding : findings) {
        text += fmt::format("{:<8} {:<12} {}\n", name_of(finding.health), finding.subject,
                            printable(finding.text));
        if (!finding.fix.empty()) {
            text += fmt::format("{:<21} fix: {}\n", "", printable(finding.fix));
        }
    }
    const auto count = [&](Health health) {
        return static_cast<std::uint64_t>(std::ranges::count(findings, health, &Finding::health));
    };
    return text + fmt::format("{} ok, {} limited, {} missing\n", count(Health::kOk), count(Health::kLimited),
                              count(Health::kMissing));
}

Json doctor_json(std::span<const Finding> findings) {
    Json list = Json::array();
    for (const Finding& finding : findings) {
        list.push_back({{"subject", finding.subject},
                        {"health", name_of(finding.health)},
                        {"text", finding.text},
                        {"fix", finding.fix.empty() ? Json(nullptr) : Json(finding.fix)}});
    }
    return list;
}

}  // namespace ion::views
