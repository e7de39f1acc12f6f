// Charts as inline SVG for report pages: lines, coloured points, and estimates with intervals.
// Colours come from the page's style sheet (style.hpp), so that a chart follows light and dark.
// Points that are not finite are left out. Coordinates carry one decimal. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace clef {

// Round numbers (1, 2 or 5 times a power of ten apart) that cover [low, high] with at most `most`
// steps. Equal or non-finite ends are widened to something sensible.
std::vector<double> nice_ticks(double low, double high, int most = 6);
// As many decimals as the step needs: 0.25 for steps of 0.05, "20,000" with thousands apart.
std::string tick_label(double value, double step);

struct LineSeries {
    std::string name;
    std::vector<double> x;
    std::vector<double> y;
};
struct LineChart {
    std::string title;    // for screen readers
    std::string x_label;  // with its unit: "step", "time (s)"
    std::string y_label;
    std::vector<LineSeries> series;
};
// Series with more points than can be seen are thinned to the lowest and highest of each stretch.
std::string line_chart(const LineChart& chart);

struct ScatterChart {
    std::string title;
    std::string x_label;
    std::string y_label;
    std::string value_label;  // of the colour bar, with its unit
    std::vector<double> x;
    std::vector<double> y;
    std::vector<double> value;  // the colour; NaN: grey. Empty: all in one colour
};
// At most `most_points`, taken evenly.
std::string scatter_chart(const ScatterChart& chart, std::size_t most_points = 3000);

struct Estimate {
    std::string name;
    double value = 0;
    std::optional<double> low;
    std::optional<double> high;
    int colour = 0;  // which series colour
};
struct ForestChart {
    std::string title;
    std::string x_label;
    std::vector<Estimate> estimates;  // top to bottom
    std::optional<double> reference;  // a dashed line: 0.5 for an AUROC, 0 for a difference
    int decimals = 3;
};
std::string forest_chart(const ForestChart& chart);

}  // namespace clef
