#include "evaluation/report/ecg_strip.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "evaluation/report/html.hpp"

namespace clef {
namespace {

constexpr double mm_per_second = 25;
constexpr double mm_per_millivolt = 10;
constexpr double lead_in = 15;  // mm left of the signal: name and calibration pulse
constexpr double most_millivolts = 5;
constexpr double bin = 0.25;  // mm of one stroke of the path

// How far a set of traces reaches above and below its baseline, in whole coarse squares.
struct Reach {
    double above = 10;
    double below = 5;
};

Reach reach_of(const std::vector<EcgTrace>& traces, std::size_t samples) {
    Reach reach;
    for (const EcgTrace& trace : traces) {
        for (std::size_t i = 0; i < std::min(samples, trace.samples.size()); ++i) {
            const double value = trace.samples[i];
            if (!std::isfinite(value)) continue;
            const double height =
                std::clamp(value, -most_millivolts, most_millivolts) * mm_per_millivolt;
            reach.above = std::max(reach.above, 5 * std::ceil(height / 5));
            reach.below = std::max(reach.below, 5 * std::ceil(-height / 5));
        }
    }
    return reach;
}

std::string grid(double width, double height) {
    std::string fine;
    std::string coarse;
    for (int x = 0; x <= static_cast<int>(width); ++x) {
        (x % 5 == 0 ? coarse : fine) += fmt::format("M{} 0v{:g}", x, height);
    }
    for (int y = 0; y <= static_cast<int>(height); ++y) {
        (y % 5 == 0 ? coarse : fine) += fmt::format("M0 {}h{:g}", y, width);
    }
    return fmt::format(
        "<rect class=\"ecg-paper\" width=\"{:g}\" height=\"{:g}\"/>\n<path class=\"ecg-fine\" "
        "d=\"{}\"/>\n<path class=\"ecg-coarse\" d=\"{}\"/>\n",
        width, height, fine, coarse);
}

std::string calibration(double baseline) {
    return fmt::format("<path class=\"ecg-trace ecg-calibration\" d=\"M3 {0:g}h2v-10h5v10h2\"/>\n",
                       baseline);
}

std::string name_at(double x, double y, const std::string& name) {
    return fmt::format("<text class=\"ecg-text\" x=\"{:g}\" y=\"{:g}\">{}</text>\n", x, y,
                       escape_html(name));
}

void check(const std::vector<EcgTrace>& traces, double sampling_rate,
           const EcgStripOptions& options) {
    if (traces.empty()) fail_input("there is no lead to draw");
    if (!(sampling_rate > 0) || !std::isfinite(sampling_rate) || !(options.seconds > 0) ||
        options.seconds > 3600) {
        fail_input("cannot draw {} s of an ECG sampled at {} Hz", options.seconds, sampling_rate);
    }
    for (const EcgTrace& trace : traces) {
        if (trace.samples.empty()) fail_input("lead {} has no samples to draw", trace.name);
    }
    if (options.layout == EcgLayout::four_by_three && traces.size() != 12) {
        fail_input("a sheet of four by three needs twelve leads, not {}", traces.size());
    }
}

}  // namespace

std::string ecg_path(std::span<const float> samples, double sampling_rate, double x,
                     double baseline) {
    std::string path;
    bool drawing = false;
    const auto stroke = [&](std::size_t i) {
        const double millivolts =
            std::clamp(static_cast<double>(samples[i]), -most_millivolts, most_millivolts);
        path += fmt::format("{}{:.2f} {:.2f}", drawing ? 'L' : 'M',
                            x + static_cast<double>(i) / sampling_rate * mm_per_second,
                            baseline - millivolts * mm_per_millivolt);
        drawing = true;
    };
    const double mm_per_sample = mm_per_second / sampling_rate;
    std::size_t begin = 0;
    while (begin < samples.size()) {
        if (!std::isfinite(samples[begin])) {
            drawing = false;
            ++begin;
            continue;
        }
        // All samples of one bin, as long as none is missing.
        const double position = std::floor(static_cast<double>(begin) * mm_per_sample / bin);
        std::size_t low = begin;
        std::size_t high = begin;
        std::size_t end = begin;
        while (end < samples.size() && std::isfinite(samples[end]) &&
               std::floor(static_cast<double>(end) * mm_per_sample / bin) == position) {
            if (samples[end] < samples[low]) low = end;
            if (samples[end] > samples[high]) high = end;
            ++end;
        }
        stroke(std::min(low, high));
        if (low != high) stroke(std::max(low, high));
        begin = end;
    }
    return path;
}

std::string ecg_strip(const std::vector<EcgTrace>& traces, double sampling_rate,
                      const EcgStripOptions& options) {
    check(traces, sampling_rate, options);
    std::size_t longest = 0;
    for (const EcgTrace& trace : traces) longest = std::max(longest, trace.samples.size());
    const double seconds = std::min(options.seconds, static_cast<double>(longest) / sampling_rate);
    const auto samples = static_cast<std::size_t>(std::ceil(seconds * sampling_rate));
    const bool sheet = options.layout == EcgLayout::four_by_three;
    const std::size_t rows = sheet ? 3 : traces.size();
    const Reach reach = reach_of(traces, samples);
    const double row_height = reach.above + reach.below;
    const double width = 5 * std::ceil((lead_in + seconds * mm_per_second) / 5);
    const double height = row_height * static_cast<double>(rows) + 5;

    std::string svg = fmt::format(
        "<svg class=\"ecg\" viewBox=\"0 0 {:g} {:g}\" xmlns=\"http://www.w3.org/2000/svg\" "
        "role=\"img\"><title>{}</title>\n",
        width, height, escape_html(options.title));
    svg += grid(width, height);
    for (std::size_t k = 0; k < traces.size(); ++k) {
        const std::size_t row = sheet ? k % 3 : k;
        const std::size_t column = sheet ? k / 3 : 0;
        const std::size_t begin = sheet ? column * samples / 4 : 0;
        const std::size_t end = sheet ? (column + 1) * samples / 4 : samples;
        const double baseline = row_height * static_cast<double>(row) + reach.above;
        const double x = lead_in + static_cast<double>(begin) / sampling_rate * mm_per_second;
        const auto& all = traces[k].samples;
        const std::size_t first = std::min(begin, all.size());
        const std::span<const float> part(all.data() + first, std::min(end, all.size()) - first);
        if (column == 0 && options.in_millivolts) svg += calibration(baseline);
        svg += name_at(x + 0.8, baseline - reach.above + 4.2, traces[k].name);
        svg += fmt::format("<path class=\"ecg-trace\" d=\"{}\"/>\n",
                           ecg_path(part, sampling_rate, x, baseline));
    }
    svg += fmt::format(
        "<text class=\"ecg-text\" x=\"{:g}\" y=\"{:g}\" text-anchor=\"end\">25 mm/s{}</text>\n",
        width - 1.5, height - 1.4, options.in_millivolts ? ", 10 mm/mV" : ", relative amplitude");
    return svg + "</svg>\n";
}

}  // namespace clef
