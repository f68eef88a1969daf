// SPDX-License-Identifier: Apache-2.0
//
// The picture of a heap's memory map.

#include <fmt/format.h>

#include <algorithm>

#include "client/views/map_holders.h"
#include "client/views/map_view.h"
#include "client/views/text.h"
#include "daemon/base/svg.h"

namespace ion::views {
namespace {

// In SVG's user units.
constexpr double kLeft = 120;
constexpr double kTop = 40;
constexpr double kWidth = 960;
constexpr double kRowHeight = 22;
constexpr double kRowStep = 26;
constexpr double kLegendStep = 20;
constexpr std::uint64_t kRows = 16;

class Picture {
  public:
    explicit Picture(const HeapMap& map)
        : map_(map),
          holders_(map),
          sums_(sums_of(map)),
          row_size_(std::max<std::uint64_t>((sums_.size + kRows - 1) / kRows, 1)) {}

    std::string draw() {
        const std::uint64_t rows = (sums_.size + row_size_ - 1) / row_size_;
        const double legend = kTop + static_cast<double>(rows) * kRowStep + kLegendStep;
        const double height = legend + static_cast<double>(holders_.all().size() + 1) * kLegendStep;
        text_ = fmt::format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" "
            "font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
            "<text x=\"10\" y=\"22\" font-weight=\"bold\">{}</text>\n",
            kLeft + kWidth + 20, height, svg_text(map_title(map_)));
        for (std::uint64_t row = 0; row < rows; ++row) {
            draw_row(row);
        }
        for (const usage::MapRun& run : map_.runs) {
            draw_run(run);
        }
        draw_legend(legend);
        return text_ + "</svg>\n";
    }

  private:
    [[nodiscard]] double width_of(std::uint64_t bytes) const {
        return kWidth * static_cast<double>(bytes) / static_cast<double>(row_size_);
    }
    [[nodiscard]] static double y_of(std::uint64_t row) { return kTop + static_cast<double>(row) * kRowStep; }

    void draw_row(std::uint64_t row) {
        const std::uint64_t offset = row * row_size_;
        text_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{:#x}</text>\n", kLeft - 8,
                             y_of(row) + 15, sums_.base + offset);
        text_ += fmt::format(
            "<rect x=\"{}\" y=\"{}\" width=\"{:.2f}\" height=\"{}\" fill=\"#eeeeee\" stroke=\"#bbbbbb\"/>\n",
            kLeft, y_of(row), width_of(std::min(row_size_, sums_.size - offset)), kRowHeight);
    }

    /// A run that goes on in the next row is drawn in both.
    void draw_run(const usage::MapRun& run) {
        if (run.is_free()) {
            return;
        }
        const std::size_t place = holders_.place(run.holder);
        const std::uint64_t end = run.base - sums_.base + run.size;
        for (std::uint64_t at = run.base - sums_.base; at < end;) {
            const std::uint64_t row = at / row_size_;
            const std::uint64_t until = std::min(end, (row + 1) * row_size_);
            text_ += fmt::format(
                "<rect x=\"{:.2f}\" y=\"{}\" width=\"{:.2f}\" height=\"{}\" fill=\"{}\" stroke=\"#333333\" "
                "stroke-width=\"0.3\"><title>{}: {} bytes at {:#x}</title></rect>\n",
                kLeft + width_of(at - row * row_size_), y_of(row), std::max(width_of(until - at), 0.3),
                kRowHeight, colour(place), svg_text(holder_text(holders_.all()[place])), run.size, run.base);
            at = until;
        }
    }

    void draw_legend(double top) {
        double y = top;
        const auto entry = [&](const char* fill, const std::string& text) {
            text_ += fmt::format(
                "<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"14\" fill=\"{}\" stroke=\"#333333\" "
                "stroke-width=\"0.3\"/>\n<text x=\"{}\" y=\"{}\">{}</text>\n",
                kLeft, y, fill, kLeft + 22, y + 12, svg_text(text));
            y += kLegendStep;
        };
        for (std::size_t i = 0; i < holders_.all().size(); ++i) {
            const MapHolder& holder = holders_.all()[i];
            entry(colour(i), fmt::format("{}: {} in {}", holder_text(holder), size_text(holder.bytes),
                                         counted(holder.runs, "run")));
        }
        entry("#eeeeee", "free: " + size_text(sums_.free));
    }

    static const char* colour(std::size_t place) { return kSvgColours[place % kSvgColours.size()]; }

    const HeapMap& map_;
    MapHolders holders_;
    MapSums sums_;
    std::uint64_t row_size_;  ///< bytes
    std::string text_;
};

}  // namespace

std::string map_svg(const HeapMap& map) {
    return Picture(map).draw();
}

}  // namespace ion::views
