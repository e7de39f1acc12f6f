#include "cohort/recording_quality.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "formats/leads.hpp"

namespace clef {

namespace {

constexpr std::size_t most_windows = 4'000'000;         // of all leads: a year and more of one
constexpr std::uint64_t most_window_samples = 1 << 26;  // 268 MB a lead
constexpr std::uint64_t samples_at_a_time = 1 << 18;

struct Cut {
    double rate = 0;
    std::uint64_t from = 0;
    std::uint64_t samples = 0;
    std::uint64_t window = 0;  // samples
    std::uint64_t windows = 0;

    std::uint64_t begin(std::uint64_t w) const { return from + w * window; }
    std::uint64_t end(std::uint64_t w) const {
        return w + 1 == windows ? std::min(from + samples, begin(w) + window) : begin(w + 1);
    }
};

Cut cut_windows(const SignalInfo& signal, const QualityStretch& stretch) {
    Cut cut;
    cut.rate = signal.sampling_rate;
    cut.from = std::min(stretch.from, signal.samples);
    cut.samples = std::max(cut.from, std::min(stretch.to, signal.samples)) - cut.from;
    if (cut.samples == 0) return cut;
    const double wanted = std::round(stretch.window_seconds * cut.rate);
    const auto all = static_cast<double>(cut.samples);
    cut.window = wanted >= all ? cut.samples : static_cast<std::uint64_t>(std::max(1.0, wanted));
    cut.windows = cut.samples / cut.window;
    if (2 * (cut.samples % cut.window) >= cut.window) ++cut.windows;
    return cut;
}

// The median of the numbers among them; NaN where there is none.
double median(std::vector<double> values) {
    std::erase_if(values, [](double value) { return std::isnan(value); });
    if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
    const std::size_t middle = values.size() / 2;
    const auto upper = values.begin() + static_cast<std::ptrdiff_t>(middle);
    std::nth_element(values.begin(), upper, values.end());
    if (values.size() % 2 == 1) return *upper;
    return (*upper + *std::max_element(values.begin(), upper)) / 2;
}

template <typename Member>
double median_of(const SignalQuality& signal, Member member) {
    std::vector<double> values;
    for (const QualityWindow& window : signal.windows) values.push_back(member(window.quality));
    return median(std::move(values));
}

void settle(SignalQuality& signal) {
    std::vector<LeadQuality> windows;
    for (const QualityWindow& window : signal.windows) windows.push_back(window.quality);
    settle_saturation(windows);
    for (std::size_t i = 0; i < windows.size(); ++i) signal.windows[i].quality = windows[i];
}

}  // namespace

std::vector<std::size_t> ecg_signals(const RecordingInfo& info) {
    const std::vector<std::size_t> all = default_signals(info);
    std::vector<std::size_t> known;
    for (const std::size_t i : all) {
        if (is_known_lead(info.signals[i].label) || is_known_lead(info.signals[i].name)) {
            known.push_back(i);
        }
    }
    return known.empty() ? all : known;
}

std::size_t quality_windows(const EcgReader& reader, std::span<const std::size_t> signals,
                            const QualityStretch& stretch) {
    if (signals.empty()) return 0;
    return cut_windows(reader.info().signals[signals.front()], stretch).windows * signals.size();
}

std::vector<SignalQuality> recording_quality(const EcgReader& reader, const std::string& source,
                                             std::span<const std::size_t> signals,
                                             const QualityStretch& stretch,
                                             const std::function<void(std::size_t)>& done) {
    std::vector<SignalQuality> result(signals.size());
    if (signals.empty()) return result;
    const Cut cut = cut_windows(reader.info().signals[signals.front()], stretch);
    if (cut.samples == 0) fail_input("{}: the recording holds no samples", source);
    if (cut.window > most_window_samples || cut.windows > most_windows / signals.size()) {
        fail_input("{}: {} samples of {} signals at {:g} Hz are too many to measure the quality of",
                   source, cut.samples, signals.size(), cut.rate);
    }
    const std::uint64_t at_a_time = std::max<std::uint64_t>(1, samples_at_a_time / cut.window);
    for (std::uint64_t first = 0; first < cut.windows; first += at_a_time) {
        const std::uint64_t last = std::min(cut.windows, first + at_a_time);
        const auto leads = reader.read(signals, cut.begin(first), cut.end(last - 1));
        for (std::size_t i = 0; i < leads.size(); ++i) {
            const Lead& lead = leads[i];
            result[i].signal = signals[i];
            result[i].name = lead.name;
            result[i].unit = lead.in_millivolts ? "mV" : lead.unit;
            for (std::uint64_t w = first; w < last; ++w) {
                const auto samples =
                    std::span(lead.samples)
                        .subspan(cut.begin(w) - cut.begin(first), cut.end(w) - cut.begin(w));
                result[i].windows.push_back(
                    {static_cast<double>(cut.begin(w)) / cut.rate,
                     window_quality(samples, cut.rate, lead.in_millivolts)});
            }
        }
        if (done) done((last - first) * signals.size());
    }
    // What is left over is no window, but a fault in it is one of the recording.
    const std::uint64_t end = cut.from + cut.samples;
    if (cut.end(cut.windows - 1) < end) reader.read(signals, cut.end(cut.windows - 1), end);
    for (SignalQuality& signal : result) settle(signal);
    return result;
}

QualitySummary summarise(const SignalQuality& signal) {
    QualitySummary summary;
    if (signal.windows.empty()) return summary;
    double samples = 0;
    summary.worst = 1;
    for (const QualityWindow& window : signal.windows) {
        const LeadQuality& quality = window.quality;
        const auto count = static_cast<double>(quality.samples);
        samples += count;
        summary.missing += quality.missing * count;
        summary.flat += quality.flat * count;
        summary.saturated += quality.saturated * count;
        summary.lowest = std::fmin(summary.lowest, quality.lowest);  // NaN gives way
        summary.highest = std::fmax(summary.highest, quality.highest);
        if (quality.quality < summary.worst) {
            summary.worst = quality.quality;
            summary.worst_start_seconds = window.start_seconds;
        }
    }
    summary.missing /= samples;
    summary.flat /= samples;
    summary.saturated /= samples;
    summary.range = median_of(signal, [](const LeadQuality& q) { return q.high - q.low; });
    summary.noise = median_of(signal, [](const LeadQuality& q) { return q.noise; });
    summary.baseline = median_of(signal, [](const LeadQuality& q) { return q.baseline; });
    summary.quality = median_of(signal, [](const LeadQuality& q) { return q.quality; });
    return summary;
}

}  // namespace clef
