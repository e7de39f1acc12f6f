#include "evaluation/report/svg_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "evaluation/report/html.hpp"
#include "evaluation/report/plot_frame.hpp"

namespace clef {
namespace {

constexpr double width = 480;
constexpr std::size_t visible_points = 400;  // across the plot area

// Counts characters of UTF-8, not bytes.
double text_width(const std::string& text, double font_size) {
    const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    });
    return 0.56 * font_size * static_cast<double>(characters);
}

// Indices of the points to draw: all, or the lowest and the highest of each stretch.
std::vector<std::size_t> visible(const LineSeries& series) {
    std::vector<std::size_t> finite;
    for (std::size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i) {
        if (std::isfinite(series.x[i]) && std::isfinite(series.y[i])) finite.push_back(i);
    }
    if (finite.size() <= 2 * visible_points) return finite;
    std::vector<std::size_t> result;
    const auto lower = [&](std::size_t a, std::size_t b) { return series.y[a] < series.y[b]; };
    for (std::size_t k = 0; k < visible_points; ++k) {
        const auto begin = finite.begin() + static_cast<long>(k * finite.size() / visible_points);
        const auto end =
            finite.begin() + static_cast<long>((k + 1) * finite.size() / visible_points);
        const auto [low, high] = std::minmax_element(begin, end, lower);
        result.push_back(std::min(*low, *high));
        if (*low != *high) result.push_back(std::max(*low, *high));
    }
    return result;
}

std::string legend(const std::vector<LineSeries>& series, const PlotFrame& frame, double y) {
    std::string result;
    double x = frame.left;
    for (std::size_t k = 0; k < series.size(); ++k) {
        const double needed = 34 + text_width(series[k].name, 13);
        if (x > frame.left && x + needed > width) {
            x = frame.left;
            y += 19;
        }
        result += fmt::format("<path class=\"curve\" style=\"stroke:{}\" d=\"M{:.1f} {:.1f}h18\"/>",
                              series_colour(static_cast<int>(k)), x, y - 4);
        result += svg_text(x + 24, y, "label", "start", series[k].name);
        x += needed + 14;
    }
    return result;
}

double legend_height(const std::vector<LineSeries>& series) {
    if (series.size() < 2) return 0;
    double x = 0;
    double height = 22;
    for (const auto& one : series) {
        const double needed = 34 + text_width(one.name, 13);
        if (x > 0 && x + needed > width - 62) {
            x = 0;
            height += 19;
        }
        x += needed + 14;
    }
    return height;
}

struct Colour {
    double red, green, blue;
};

// Five points of Cividis (Nuñez, Anderton & Renslow, PLoS ONE 2018), which looks the same with and
// without red–green colour blindness and rises evenly in lightness.
std::string map_colour(double fraction) {
    constexpr std::array<Colour, 5> stops = {
        {{0, 34, 78}, {65, 77, 107}, {124, 123, 120}, {188, 175, 111}, {254, 232, 56}}};
    const double position = std::clamp(fraction, 0.0, 1.0) * (stops.size() - 1);
    const auto below = std::min(static_cast<std::size_t>(position), stops.size() - 2);
    const double part = position - static_cast<double>(below);
    const auto mix = [part](double a, double b) {
        return static_cast<int>(std::lround(a + part * (b - a)));
    };
    const Colour& a = stops[below];
    const Colour& b = stops[below + 1];
    return fmt::format("#{:02x}{:02x}{:02x}", mix(a.red, b.red), mix(a.green, b.green),
                       mix(a.blue, b.blue));
}

std::string colour_bar(const ScatterChart& chart, const Scale& colour, double top, double bottom) {
    const double left = 404;
    constexpr int bands = 40;
    const double height = (bottom - top) / bands;
    std::string result;
    for (int k = 0; k < bands; ++k) {
        result += fmt::format(
            "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"12\" height=\"{:.1f}\" fill=\"{}\"/>", left,
            bottom - (k + 1) * height, height + 0.4, map_colour((k + 0.5) / bands));
    }
    const auto ticks = nice_ticks(colour.low, colour.high, 5);
    for (const double tick : ticks) {
        if (tick < colour.low - 1e-12 || tick > colour.high + 1e-12) continue;
        const double y = bottom - (tick - colour.low) / (colour.high - colour.low) * (bottom - top);
        result +=
            svg_text(left + 18, y + 4, "tick", "start", tick_label(tick, ticks[1] - ticks[0]));
    }
    const double middle = (top + bottom) / 2;
    return result + svg_text(460, middle, "label", "middle", chart.value_label,
                             fmt::format(" transform=\"rotate(-90 460 {:.1f})\"", middle));
}

// The 2nd to 98th percentile, so that one outlier does not take all the colours.
Range colour_range(const std::vector<double>& values) {
    std::vector<double> sorted;
    std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
                 [](double value) { return std::isfinite(value); });
    if (sorted.empty()) return {};
    std::sort(sorted.begin(), sorted.end());
    const std::size_t cut = sorted.size() / 50;
    Range range{sorted[cut], sorted[sorted.size() - 1 - cut]};
    if (range.low == range.high) range = {range.low - 0.5, range.high + 0.5};
    return range;
}

}  // namespace

std::string line_chart(const LineChart& chart) {
    PlotFrame frame;
    std::vector<std::span<const double>> xs;
    std::vector<std::span<const double>> ys;
    for (const auto& series : chart.series) {
        xs.emplace_back(series.x);
        ys.emplace_back(series.y);
    }
    const double extra = legend_height(chart.series);
    frame.top += extra;
    frame.bottom += extra;
    frame.fit(range_of(xs), range_of(ys));
    std::string svg = open_svg(width, frame.bottom + 50, chart.title);
    svg += frame.draw(chart.x_label, chart.y_label);
    for (std::size_t k = 0; k < chart.series.size(); ++k) {
        const LineSeries& series = chart.series[k];
        std::string path;
        for (const std::size_t i : visible(series)) {
            path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', frame.x(series.x[i]),
                                frame.y(series.y[i]));
        }
        if (path.empty()) continue;
        svg += fmt::format("<path class=\"curve\" style=\"stroke:{}\" d=\"{}\"/>\n",
                           series_colour(static_cast<int>(k)), path);
    }
    if (chart.series.size() > 1) svg += legend(chart.series, frame, 16);
    return svg + "</svg>\n";
}

std::string scatter_chart(const ScatterChart& chart, std::size_t most_points) {
    PlotFrame frame;
    const bool coloured = !chart.value.empty();
    if (coloured) frame.right = 390;
    frame.bottom = frame.top + 328;
    frame.fit(range_of({chart.x}), range_of({chart.y}));
    const Range range = colour_range(chart.value);
    const Scale colour{range.low, range.high, 0, 1};
    std::string svg = open_svg(width, frame.bottom + 50, chart.title);
    svg += frame.draw(chart.x_label, chart.y_label);
    const std::size_t points = std::min(chart.x.size(), chart.y.size());
    const std::size_t drawn = std::min(points, std::max<std::size_t>(most_points, 1));
    for (std::size_t k = 0; k < drawn; ++k) {
        const std::size_t i = k * points / drawn;
        if (!std::isfinite(chart.x[i]) || !std::isfinite(chart.y[i])) continue;
        std::string fill = "var(--series-0)";
        if (coloured) {
            const bool known = i < chart.value.size() && std::isfinite(chart.value[i]);
            fill = known ? map_colour(colour(chart.value[i])) : "var(--line)";
        }
        svg += fmt::format(
            "<circle class=\"point\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" style=\"fill:{}\"/>\n",
            frame.x(chart.x[i]), frame.y(chart.y[i]), fill);
    }
    if (coloured) svg += colour_bar(chart, colour, frame.top, frame.bottom);
    return svg + "</svg>\n";
}

std::string forest_chart(const ForestChart& chart) {
    PlotFrame frame;
    std::vector<double> ends;
    double name_width = 0;
    for (const Estimate& one : chart.estimates) {
        ends.insert(ends.end(),
                    {one.value, one.low.value_or(one.value), one.high.value_or(one.value)});
        name_width = std::max(name_width, text_width(one.name, 13));
    }
    if (chart.reference) ends.push_back(*chart.reference);
    // Names longer than the margin are told in full by the table beside the chart.
    frame.left = std::min(name_width, 220.0) + 16;
    frame.right = width - 14;
    const double row_height = 40;
    frame.top = 8;
    frame.bottom = frame.top + row_height * static_cast<double>(chart.estimates.size()) + 4;
    frame.fit(range_of({ends}), {0, 1});
    std::string svg = open_svg(width, frame.bottom + 50, chart.title);
    for (const double tick : frame.x_ticks) {
        svg += fmt::format("<path class=\"rule\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/>", frame.x(tick),
                           frame.top, frame.bottom);
        svg += svg_text(frame.x(tick), frame.bottom + 18, "tick", "middle",
                        tick_label(tick, frame.x_step));
    }
    if (chart.reference) {
        svg += fmt::format("<path class=\"reference\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/>",
                           frame.x(*chart.reference), frame.top, frame.bottom);
    }
    double y = frame.top + 26;
    for (const Estimate& one : chart.estimates) {
        const std::string colour = series_colour(one.colour);
        svg += svg_text(frame.left - 10, y + 4, "label", "end", one.name,
                        text_width(one.name, 13) > 220
                            ? " textLength=\"220\" lengthAdjust=\"spacingAndGlyphs\""
                            : "");
        if (std::isfinite(one.value)) {
            if (one.low && one.high) {
                svg += fmt::format(
                    "<path class=\"curve\" style=\"stroke:{}\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>",
                    colour, frame.x(*one.low), y, frame.x(*one.high));
            }
            svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" style=\"fill:{}\"/>",
                               frame.x(one.value), y, colour);
            const double x = std::clamp(frame.x(one.value), frame.left + 20, frame.right - 20);
            svg += svg_text(x, y - 9, "tick", "middle", format_number(one.value, chart.decimals));
        }
        y += row_height;
    }
    svg += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", frame.left,
                       frame.bottom, frame.right);
    svg += svg_text((frame.left + frame.right) / 2, frame.bottom + 39, "label", "middle",
                    chart.x_label);
    return svg + "</svg>\n";
}

}  // namespace clef
