#include "evaluation/report/plot_frame.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "evaluation/report/html.hpp"
#include "evaluation/report/style.hpp"
#include "evaluation/report/svg_chart.hpp"

namespace clef {

std::vector<double> nice_ticks(double low, double high, int most) {
    if (!std::isfinite(low) || !std::isfinite(high)) {
        low = 0;
        high = 1;
    }
    if (low > high) std::swap(low, high);
    // A span below the resolution of the numbers themselves cannot be told apart.
    const double magnitude = std::max(std::abs(low), std::abs(high));
    if (high - low <= 1e-9 * magnitude || high == low) {
        const double widening = magnitude > 0 ? 0.1 * magnitude : 1;
        low -= widening;
        high += widening;
    }
    const double rough = (high / most - low / most);
    const double power = std::pow(10, std::floor(std::log10(rough)));
    double step = 10 * power;
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        const double first = std::floor(low / (factor * power) + 1e-9);
        const double last = std::ceil(high / (factor * power) - 1e-9);
        step = factor * power;
        if (last - first <= most) break;
    }
    const double first = std::floor(low / step + 1e-9);
    const double last = std::ceil(high / step - 1e-9);
    std::vector<double> ticks;
    for (double k = first; k <= last && ticks.size() < 100; k += 1) ticks.push_back(k * step);
    return ticks;
}

std::string tick_label(double value, double step) {
    if (std::abs(value) < 1e-9 * step) return "0";
    const double magnitude = std::abs(value);
    if (magnitude >= 1e7 || step < 1e-6) return fmt::format("{:.3g}", value);
    const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
    const std::string digits = fmt::format("{:.{}f}", magnitude, decimals);
    const std::size_t whole = std::min(digits.find('.'), digits.size());
    std::string label = value < 0 ? "−" : "";
    for (std::size_t k = 0; k < digits.size(); ++k) {
        if (whole > 4 && k > 0 && k < whole && (whole - k) % 3 == 0) label += ',';
        label += digits[k];
    }
    return label;
}

Range range_of(const std::vector<std::span<const double>>& values) {
    Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    for (const auto& part : values) {
        for (const double value : part) {
            if (!std::isfinite(value)) continue;
            range.low = std::min(range.low, value);
            range.high = std::max(range.high, value);
        }
    }
    if (range.low > range.high) return {};
    return range;
}

void PlotFrame::fit(const Range& x_range, const Range& y_range) {
    const auto fit_axis = [](const Range& range, Scale& scale, std::vector<double>& ticks,
                             double& step) {
        ticks = nice_ticks(range.low, range.high, 8);
        step = ticks[1] - ticks[0];
        // Equal ends were widened by nice_ticks.
        const bool flat = !(range.high - range.low > 1e-6 * step);
        const double padding = 0.03 * (range.high - range.low);
        scale.low = flat ? ticks.front() : range.low - padding;
        scale.high = flat ? ticks.back() : range.high + padding;
        std::erase_if(ticks, [&](double tick) { return tick < scale.low || tick > scale.high; });
    };
    x = {0, 1, left, right};
    y = {0, 1, bottom, top};
    fit_axis(x_range, x, x_ticks, x_step);
    fit_axis(y_range, y, y_ticks, y_step);
}

std::string PlotFrame::draw(const std::string& x_label, const std::string& y_label) const {
    std::string result;
    for (const double tick : y_ticks) {
        result +=
            fmt::format("<path class=\"rule\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", left, y(tick), right);
        result += svg_text(left - 7, y(tick) + 4, "tick", "end", tick_label(tick, y_step));
    }
    for (const double tick : x_ticks) {
        result += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}v5\"/>", x(tick), bottom);
        result += svg_text(x(tick), bottom + 19, "tick", "middle", tick_label(tick, x_step));
    }
    result +=
        fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", left, bottom, right);
    result += svg_text((left + right) / 2, bottom + 39, "label", "middle", x_label);
    const double middle = (top + bottom) / 2;
    result += svg_text(14, middle, "label", "middle", y_label,
                       fmt::format(" transform=\"rotate(-90 14 {:.1f})\"", middle));
    return result;
}

std::string open_svg(double width, double height, const std::string& title) {
    return fmt::format(
        "<svg viewBox=\"0 0 {:g} {:g}\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\">"
        "<title>{}</title>\n",
        width, height, escape_html(title));
}

std::string svg_text(double x, double y, const std::string& css_class, const char* anchor,
                     const std::string& text, const std::string& more) {
    return fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
        css_class, anchor, more, escape_html(text));
}

std::string series_colour(int index) {
    return fmt::format("var(--series-{})",
                       (index % series_colours + series_colours) % series_colours);
}

}  // namespace clef
