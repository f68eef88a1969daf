// SPDX-License-Identifier: Apache-2.0

#include "client/tools/top_screen.h"

#define NCURSES_NOMACROS  // which take the names of functions
#include <ncurses.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

namespace {

using ion::views::LineKind;
using ion::views::TopOrder;

constexpr short kAlarmPair = 1;
constexpr const char* kHelp = " q quit   b bytes   g change   p pid   c command   r reverse   arrows scroll";

/// The terminal, while this object lives.
class Terminal {
  public:
    Terminal() : screen_(::newterm(nullptr, stdout, stdin)) {
        if (screen_ == nullptr) {
            return;
        }
        ::cbreak();
        ::noecho();
        ::curs_set(0);
        ::keypad(stdscr, TRUE);
        const char* no_color = std::getenv("NO_COLOR");
        if (::has_colors() && (no_color == nullptr || no_color[0] == '\0')) {
            ::start_color();
            ::use_default_colors();
            ::init_pair(kAlarmPair, COLOR_RED, -1);
        }
    }
    ~Terminal() {
        if (screen_ != nullptr) {
            ::endwin();
            ::delscreen(screen_);
        }
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    [[nodiscard]] bool works() const { return screen_ != nullptr; }

  private:
    SCREEN* screen_;
};

attr_t attribute(LineKind kind) {
    switch (kind) {
        case LineKind::kTitle:
            return A_REVERSE;
        case LineKind::kAlarm:
            return A_BOLD | COLOR_PAIR(kAlarmPair);
        case LineKind::kPlain:
            break;
    }
    return A_NORMAL;
}

/// A title is as wide as the screen.
void draw(int row, const ion::views::TopLine& line) {
    ::attrset(attribute(line.kind));
    ::mvaddnstr(row, 0, line.text.c_str(), COLS);
    const int width = static_cast<int>(line.text.size());
    if (line.kind == LineKind::kTitle && width < COLS) {
        ::mvhline(row, width, ' ' | A_REVERSE, COLS - width);
    }
    ::attrset(A_NORMAL);
}

class View {
  public:
    View(ion::views::TopOptions options, int period_ms) : options_(options), period_ms_(period_ms) {}

    /// A failed look leaves the figures as they were.
    void take(const ion::Result<ion::usage::Figures>& seen) {
        error_ = seen ? std::string() : seen.error().context;
        if (seen) {
            before_ = now_ ? *std::move(now_) : *seen;
            now_ = *seen;
        }
    }

    void show() {
        ::erase();
        int row = 0;
        const int last = LINES - 1;  // the help's
        if (now_) {
            const auto lines = ion::views::top_lines(*now_, before_, options_);
            for (const auto& line : lines.head) {
                if (row < last) {
                    draw(row++, line);
                }
            }
            first_ = std::clamp(first_, 0, std::max(static_cast<int>(lines.clients.size()) - 1, 0));
            for (auto i = static_cast<std::size_t>(first_); i < lines.clients.size() && row < last; ++i) {
                draw(row++, lines.clients[i]);
            }
        }
        draw(last, error_.empty() ? ion::views::TopLine{kHelp, LineKind::kTitle}
                                  : ion::views::TopLine{error_, LineKind::kAlarm});
        ::refresh();
    }

    /// Waits for a key, or for the next look. False: q.
    bool next() {
        ::timeout(period_ms_);
        const int key = ::getch();
        constexpr std::array<std::pair<int, TopOrder>, 4> kOrders{{{'b', TopOrder::kBytes},
                                                                   {'g', TopOrder::kChange},
                                                                   {'p', TopOrder::kPid},
                                                                   {'c', TopOrder::kCommand}}};
        for (const auto& [letter, order] : kOrders) {
            options_.order = key == letter ? order : options_.order;
        }
        const int page = std::max(LINES / 2, 1);
        switch (key) {
            case 'r':
                options_.reverse = !options_.reverse;
                break;
            case KEY_DOWN:
                ++first_;
                break;
            case KEY_UP:
                --first_;
                break;
            case KEY_NPAGE:
                first_ += page;
                break;
            case KEY_PPAGE:
                first_ -= page;
                break;
            default:
                break;
        }
        return key != 'q';
    }

  private:
    ion::views::TopOptions options_;
    int period_ms_;
    std::optional<ion::usage::Figures> now_;
    ion::usage::Figures before_;
    std::string error_;
    int first_ = 0;  ///< of the clients that are shown
};

}  // namespace

ion::Result<void> run_top_screen(const std::function<ion::Result<ion::usage::Figures>()>& look,
                                 ion::views::TopOptions options, int period_ms) {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
        return ion::fail(ENOTTY, "top needs a terminal; without one: ionctl top --batch");
    }
    const Terminal terminal;
    if (!terminal.works()) {
        return ion::fail(EINVAL, "the terminal is not known (TERM); without it: ionctl top --batch");
    }
    View view(options, period_ms);
    do {
        view.take(look());
        view.show();
    } while (view.next());
    return {};
}
