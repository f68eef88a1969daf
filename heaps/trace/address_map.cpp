// SPDX-License-Identifier: Apache-2.0

#include "heaps/trace/address_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "daemon/base/svg.h"

namespace ion {
namespace {

// In SVG's user units.
constexpr double kLeft = 110;
constexpr double kWidth = 1000;
constexpr double kHeight = 260;
constexpr double kAbove = 40;  ///< of each panel, for title and marks
constexpr double kBelow = 40;  ///< of the last one, for the time axis

class Picture {
  public:
    explicit Picture(std::span<const AddressPanel> panels) : panels_(panels) {
        for (const AddressPanel& panel : panels) {
            end_ns_ = std::max(end_ns_, panel.replayed->end_ns);
        }
    }

    std::string draw() {
        const double height = static_cast<double>(panels_.size()) * (kHeight + kAbove) + kBelow;
        text_ = fmt::format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" "
            "font-family=\"sans-serif\" font-size=\"12\">\n"
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
            kLeft + kWidth + 30, height);
        double top = kAbove;
        for (const AddressPanel& panel : panels_) {
            draw_panel(panel, top);
            top += kHeight + kAbove;
        }
        draw_time(top - kAbove);
        return text_ + "</svg>\n";
    }

  private:
    [[nodiscard]] double x_of(std::uint64_t time_ns) const {
        return kLeft + kWidth * static_cast<double>(time_ns) / static_cast<double>(end_ns_);
    }

    void draw_panel(const AddressPanel& panel, double top) {
        text_ += fmt::format("<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text>\n", kLeft, top - 14,
                             svg_text(panel.title));
        text_ += fmt::format(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#f4f4f4\" "
            "stroke=\"#888888\"/>\n",
            kLeft, top, kWidth, kHeight);
        for (const std::uint64_t part : {0U, 1U, 2U}) {
            text_ += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:#x}</text>\n", kLeft - 6,
                                 top + kHeight - kHeight * static_cast<double>(part) / 2 + 4,
                                 panel.region.base + panel.region.size / 2 * part);
        }
        for (const PlacedBuffer& buffer : panel.replayed->buffers) {
            draw_buffer(buffer, panel.region, top);
        }
        for (const std::uint64_t time : panel.replayed->failed_ns) {
            text_ +=
                fmt::format("<path d=\"M{0:.2f} {1:.2f}v-8\" stroke=\"#ff0000\"/>\n", x_of(time), top - 1);
        }
        if (panel.replayed->buffers.empty()) {
            text_ += fmt::format("<text x=\"{}\" y=\"{}\">nothing with an address</text>\n", kLeft + 10,
                                 top + kHeight / 2);
        }
    }

    void draw_buffer(const PlacedBuffer& buffer, const PlacedRange& region, double top) {
        const double unit = kHeight / static_cast<double>(region.size);
        const double size = static_cast<double>(buffer.range.size) * unit;
        const double above_base = static_cast<double>(buffer.range.base - region.base) * unit;
        const double width = x_of(buffer.until_ns) - x_of(buffer.from_ns);
        text_ += fmt::format(
            "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\" "
            "stroke=\"#333333\" stroke-width=\"0.2\"><title>{}: {} bytes at {:#x}</title></rect>\n",
            x_of(buffer.from_ns), top + kHeight - above_base - size, std::max(width, 0.2), size,
            colour_of(buffer.client), svg_text(buffer.client), buffer.range.size, buffer.range.base);
    }

    void draw_time(double bottom) {
        for (int part = 0; part <= 10; ++part) {
            const double seconds = static_cast<double>(end_ns_) * part / 10 / 1e9;
            text_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:.3g} s</text>\n",
                                 kLeft + kWidth * part / 10, bottom + 18, seconds);
        }
    }

    const char* colour_of(const std::string& client) {
        const auto [at, is_new] = clients_.try_emplace(client, clients_.size());
        return kSvgColours[at->second % kSvgColours.size()];
    }

    std::span<const AddressPanel> panels_;
    std::uint64_t end_ns_ = 1;
    std::map<std::string, std::size_t> clients_;  ///< in the order of their appearance
    std::string text_;
};

}  // namespace

std::string address_map_svg(std::span<const AddressPanel> panels) {
    return Picture(panels).draw();
}

}  // namespace ion
