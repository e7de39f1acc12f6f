#include "formats/edf_layout.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "base/text.hpp"

namespace clef {

namespace {

constexpr double ticks_per_second = 1e5;  // of a record's duration, in EDFlib's units
constexpr double shortest = 0.1;
constexpr double longest = 60;
constexpr std::size_t max_record_bytes = 10'000'000;
constexpr double tolerance = 1e-6;
constexpr int lowest = -32768;
constexpr int highest = 32767;
constexpr int number_width = 8;

// How near a record is to what most readers expect: one second.
double strangeness(const EdfRecordLayout& layout) {
    return std::abs(std::log(layout.duration / ticks_per_second));
}

bool is_better(const EdfRecordLayout& a, const EdfRecordLayout& b, double rate) {
    const double error_a = std::abs(a.sampling_rate - rate) / rate;
    const double error_b = std::abs(b.sampling_rate - rate) / rate;
    if (std::abs(error_a - error_b) > 1e-12) return error_a < error_b;
    if (a.samples_added != b.samples_added) return a.samples_added < b.samples_added;
    return strangeness(a) < strangeness(b);
}

std::optional<EdfRecordLayout> layout_of(double rate, std::size_t total, std::size_t in_record) {
    const double ticks = std::round(static_cast<double>(in_record) / rate * ticks_per_second);
    EdfRecordLayout layout;
    layout.samples = static_cast<int>(in_record);
    layout.duration = static_cast<int>(ticks);
    layout.sampling_rate = static_cast<double>(in_record) * ticks_per_second / ticks;
    if (std::abs(layout.sampling_rate - rate) > tolerance * rate) return std::nullopt;
    layout.records = (total + in_record - 1) / in_record;
    layout.samples_added = layout.records * in_record - total;
    return layout;
}

// The number as it will stand in the header, if eight characters hold it exactly.
bool fits_header(double value) {
    for (int decimals = 0; decimals <= 6; ++decimals) {
        const std::string text = fmt::format("{:.{}f}", value, decimals);
        if (text.size() > number_width) return false;
        if (std::abs(*parse_double(text) - value) <= 1e-12 * std::max(1.0, std::abs(value))) {
            return true;
        }
    }
    return false;
}

double rounded_to_header(double value) {
    for (int decimals = 6; decimals > 0; --decimals) {
        const std::string text = fmt::format("{:.{}f}", value, decimals);
        if (text.size() <= number_width) return *parse_double(text);
    }
    return std::round(value);
}

struct Extent {
    std::int32_t low = 0;
    std::int32_t high = 0;
};

Extent extent_of(const DigitalSignal& signal) {
    const auto [low, high] = std::minmax_element(signal.samples.begin(), signal.samples.end());
    return {*low, *high};
}

// Limits at whole multiples of a physical step that is a whole number of digital steps.
std::optional<EdfCalibration> exact_calibration(const DigitalSignal& signal, const Extent& extent,
                                                double step) {
    const double digital_step = std::abs(signal.gain) * step;
    const double whole = std::round(digital_step);
    if (whole < 1 || std::abs(digital_step - whole) > 1e-9 * digital_step) return std::nullopt;
    const auto baseline = static_cast<double>(signal.baseline);
    const double below = std::floor((baseline - lowest) / whole);
    const double above = std::floor((highest - baseline) / whole);
    EdfCalibration calibration;
    const double low = baseline - below * whole;
    const double high = baseline + above * whole;
    if (low < lowest || high > highest || low > extent.low || high < extent.high || low >= high) {
        return std::nullopt;
    }
    calibration.digital_minimum = static_cast<int>(low);
    calibration.digital_maximum = static_cast<int>(high);
    const double sign = signal.gain < 0 ? -1 : 1;
    calibration.physical_minimum = -sign * below * step;
    calibration.physical_maximum = sign * above * step;
    const bool fits =
        fits_header(calibration.physical_minimum) && fits_header(calibration.physical_maximum);
    return fits ? std::optional(calibration) : std::nullopt;
}

}  // namespace

std::optional<EdfRecordLayout> edf_record_layout(double sampling_rate, std::size_t samples,
                                                 std::size_t signals, std::size_t fewest_records) {
    const std::size_t limit = std::min(max_record_bytes / (2 * signals),
                                       samples / std::max<std::size_t>(1, fewest_records));
    const auto second = static_cast<std::size_t>(std::round(sampling_rate));
    if (second > 0 && second <= limit && samples % second == 0 &&
        static_cast<double>(second) == sampling_rate) {
        return layout_of(sampling_rate, samples, second);
    }
    const double most = std::min(static_cast<double>(limit), longest * sampling_rate);
    const double fewest = std::min(shortest * sampling_rate, static_cast<double>(samples));
    std::optional<EdfRecordLayout> best;
    for (auto n = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(fewest)));
         static_cast<double>(n) <= most; ++n) {
        const auto candidate = layout_of(sampling_rate, samples, n);
        if (candidate && (!best || is_better(*candidate, *best, sampling_rate))) best = candidate;
    }
    return best;
}

EdfCalibration edf_calibration(const DigitalSignal& signal) {
    const Extent extent = extent_of(signal);
    for (int exponent = -5; exponent <= 4; ++exponent) {
        for (const double digit : {1.0, 2.0, 5.0}) {
            const double scale = std::pow(10.0, std::abs(exponent));
            const double step = exponent < 0 ? digit / scale : digit * scale;
            if (const auto found = exact_calibration(signal, extent, step)) return *found;
        }
    }
    EdfCalibration rounded;
    rounded.physical_minimum = rounded_to_header(signal.physical(lowest));
    rounded.physical_maximum = rounded_to_header(signal.physical(highest));
    return rounded;
}

double edf_physical(const EdfCalibration& calibration, std::int32_t digital) {
    const double factor = (calibration.physical_maximum - calibration.physical_minimum) /
                          (calibration.digital_maximum - calibration.digital_minimum);
    return calibration.physical_minimum + (digital - calibration.digital_minimum) * factor;
}

}  // namespace clef
