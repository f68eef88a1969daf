// SPDX-License-Identifier: Apache-2.0

#include "heaps/check/step.h"

#include <fmt/format.h>

namespace ion::check {
namespace {

std::string describe(const Step& step) {
    switch (step.kind) {
        case StepKind::kAllocate: {
            const std::string align = step.align_log2 == 0
                                          ? std::string()
                                          : fmt::format(" aligned to {} pages", 1U << step.align_log2);
            return fmt::format("allocate {} page{}{}", step.pages, step.pages == 1 ? "" : "s", align);
        }
        case StepKind::kFree:
            return fmt::format("free #{}", step.which);
        case StepKind::kRestart:
            return "restart";
    }
    return {};
}

}  // namespace

std::string describe(const std::vector<Step>& steps) {
    std::string text;
    for (const Step& step : steps) {
        text += (text.empty() ? "" : ", ") + describe(step);
    }
    return text.empty() ? "nothing at all" : text;
}

}  // namespace ion::check
