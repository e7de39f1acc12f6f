// The frame that charts share: plot area, scales, ticks, grid lines and axis labels.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace clef {

// Maps [low, high] of data onto [from, to] of the drawing.
struct Scale {
    double low = 0;
    double high = 1;
    double from = 0;
    double to = 1;
    double operator()(double value) const {
        return from + (value - low) / (high - low) * (to - from);
    }
};

// Lowest and highest finite value over several vectors; 0 and 1 where there is none.
struct Range {
    double low = 0;
    double high = 1;
};
Range range_of(const std::vector<std::span<const double>>& values);

struct PlotFrame {
    double left = 62;
    double right = 456;
    double top = 12;
    double bottom = 250;
    Scale x;
    Scale y;
    std::vector<double> x_ticks;
    std::vector<double> y_ticks;
    double x_step = 1;  // between ticks
    double y_step = 1;

    // Scales reach a little beyond the data; ticks are the round numbers within.
    void fit(const Range& x_range, const Range& y_range);
    // Grid lines, ticks and labels.
    std::string draw(const std::string& x_label, const std::string& y_label) const;
};

// <svg …> with viewBox and a title for screen readers; the caller closes it.
std::string open_svg(double width, double height, const std::string& title);
std::string svg_text(double x, double y, const std::string& css_class, const char* anchor,
                     const std::string& text, const std::string& more = "");
std::string series_colour(int index);

}  // namespace clef
