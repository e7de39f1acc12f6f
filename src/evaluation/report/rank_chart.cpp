#include "evaluation/report/rank_chart.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "evaluation/report/html.hpp"
#include "evaluation/report/plot_frame.hpp"

namespace clef {
namespace {

constexpr double width = 900;
constexpr double left = 290;  // of the axis; names stand outside of it
constexpr double right = 610;
constexpr double row_height = 24;
constexpr double axis_y = 58;

struct Axis {
    double most;  // the worst rank there can be
    double operator()(double rank) const { return left + (right - left) * (rank - 1) / (most - 1); }
};

std::string line(const char* css_class, double x1, double y1, double x2, double y2,
                 const char* more = "") {
    return fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"{}/>\n", css_class, x1,
                       y1, x2, y2, more);
}

std::string draw_axis(const Axis& axis, const RankComparison& comparison) {
    std::string svg = line("axis", left, axis_y, right, axis_y);
    for (int rank = 1; rank <= static_cast<int>(axis.most); ++rank) {
        svg += line("axis", axis(rank), axis_y - 5, axis(rank), axis_y);
        svg += svg_text(axis(rank), axis_y - 9, "tick", "middle", fmt::format("{}", rank));
    }
    const double length = axis(1 + comparison.critical_difference) - axis(1);
    const double end = std::min(left + length, width - 10);
    svg += line("axis", left, 26, end, 26) + line("axis", left, 22, left, 30) +
           line("axis", end, 22, end, 30);
    return svg + svg_text(left, 16, "label", "start",
                          fmt::format("critical difference {}",
                                      format_number(comparison.critical_difference, 2)));
}

}  // namespace

std::string rank_chart(const RankComparison& comparison, const std::vector<std::string>& names) {
    const std::size_t methods = comparison.ranks.size();
    std::vector<std::size_t> order(methods);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return comparison.ranks[a] < comparison.ranks[b];
    });
    const Axis axis{static_cast<double>(methods)};
    const auto groups = indistinct_groups(comparison);
    const double first_row = axis_y + 22 + 9 * static_cast<double>(groups.size());
    const std::size_t on_left = (methods + 1) / 2;
    std::string svg =
        open_svg(width, first_row + row_height * static_cast<double>(on_left) + 6,
                 fmt::format("Mean ranks of {} methods over {} tasks", methods, comparison.tasks));
    svg += draw_axis(axis, comparison);
    double bar = axis_y + 10;
    for (const auto& group : groups) {
        svg += line("curve", axis(comparison.ranks[group.front()]) - 4, bar,
                    axis(comparison.ranks[group.back()]) + 4, bar,
                    " style=\"stroke:var(--ink);stroke-width:4\"");
        bar += 9;
    }
    for (std::size_t i = 0; i < methods; ++i) {
        const std::size_t method = order[i];
        const bool at_left = i < on_left;
        // The outermost names lowest on the left, mirrored on the right, so that no lines cross.
        const std::size_t row = at_left ? i : methods - 1 - i;
        const double y = first_row + row_height * static_cast<double>(row);
        const double x = axis(comparison.ranks[method]);
        const double edge = at_left ? left - 12 : right + 12;
        svg += line("axis", x, axis_y, x, y) + line("axis", x, y, edge, y);
        svg += svg_text(
            at_left ? edge - 5 : edge + 5, y + 4, "label", at_left ? "end" : "start",
            fmt::format("{} ({})", names[method], format_number(comparison.ranks[method], 2)));
    }
    return svg + "</svg>\n";
}

}  // namespace clef
