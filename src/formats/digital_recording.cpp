#include "formats/digital_recording.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "formats/wfdb_segments.hpp"

namespace clef {

namespace {

constexpr double largest_digital = 2147483646.0;

DigitalSignal describe(const WfdbSignal& signal) {
    return {signal.description,    signal.units,    signal.gain, signal.baseline,
            signal.adc_resolution, signal.adc_zero, {}};
}

bool same_scale(const DigitalSignal& a, const WfdbSignal& b) {
    return a.gain == b.gain && a.baseline == b.baseline && a.unit == b.units;
}

// Gathers blocks, and notices when one has another scale than those before.
class Gatherer {
  public:
    Gatherer(const WfdbRecord& record, std::span<const std::size_t> positions)
        : has_scale_(positions.size(), false) {
        for (const std::size_t position : positions) {
            signals_.push_back(describe(record.signals()[position]));
        }
    }

    void take(std::size_t which, const WfdbSignal& from, std::span<const std::int32_t> samples) {
        DigitalSignal& to = signals_[which];
        const bool is_empty = std::all_of(samples.begin(), samples.end(), [](std::int32_t sample) {
            return sample == wfdb_missing;
        });
        if (!is_empty && !has_scale_[which]) {
            has_scale_[which] = true;
            auto held = std::move(to.samples);
            const std::string label = to.label;
            to = describe(from);
            to.label = label;
            to.samples = std::move(held);
        }
        is_uniform_ = is_uniform_ && (is_empty || same_scale(to, from));
        to.samples.insert(to.samples.end(), samples.begin(), samples.end());
    }

    bool is_uniform() const { return is_uniform_; }
    std::vector<DigitalSignal>& signals() { return signals_; }

  private:
    std::vector<DigitalSignal> signals_;
    std::vector<bool> has_scale_;
    bool is_uniform_ = true;
};

}  // namespace

std::optional<DigitalRecording> read_digital(const std::filesystem::path& header,
                                             std::span<const std::size_t> positions,
                                             std::uint64_t from, std::uint64_t to) {
    const WfdbRecord record(header);
    const std::uint64_t in_frame = record.signals()[positions.front()].frame_samples;
    for (const std::size_t position : positions) {
        if (record.signals()[position].frame_samples != in_frame) return std::nullopt;
    }
    const std::uint64_t first = from / in_frame;
    const std::uint64_t frames = (to + in_frame - 1) / in_frame - first;
    record.check_amount(positions, first, first + frames);
    Gatherer gatherer(record, positions);
    record.cursor(positions, first)
        ->next(frames, [&](std::size_t which, const WfdbSignal& signal,
                           std::span<const std::int32_t> samples) {
            gatherer.take(which, signal, samples);
        });
    if (!gatherer.is_uniform()) return std::nullopt;

    DigitalRecording digital;
    digital.source = header.string();
    digital.sampling_rate = record.frame_rate() * static_cast<double>(in_frame);
    digital.comments = record.header().comments;
    digital.base_time = record.header().base_time;
    digital.base_date = record.header().base_date;
    digital.signals = std::move(gatherer.signals());
    const auto skip = static_cast<std::ptrdiff_t>(from - first * in_frame);
    for (DigitalSignal& signal : digital.signals) {
        signal.samples.erase(signal.samples.begin(), signal.samples.begin() + skip);
        signal.samples.resize(static_cast<std::size_t>(to - from), wfdb_missing);
    }
    return digital;
}

DigitalRecording quantise(const Recording& recording, double units_per_millivolt) {
    if (!(units_per_millivolt > 0) || !std::isfinite(units_per_millivolt)) {
        fail_input("{}: {} units per millivolt: expected a number above zero", recording.source,
                   units_per_millivolt);
    }
    DigitalRecording digital;
    digital.source = recording.source;
    digital.sampling_rate = recording.sampling_rate;
    digital.comments = recording.comments;
    for (const Lead& lead : recording.leads) {
        DigitalSignal& signal = digital.signals.emplace_back();
        signal.label = lead.name;
        signal.unit = lead.in_millivolts || lead.unit.empty() ? "mV" : lead.unit;
        signal.gain = units_per_millivolt;
        signal.resolution = 16;
        signal.samples.reserve(lead.samples.size());
        for (std::size_t i = 0; i < lead.samples.size(); ++i) {
            const float value = lead.samples[i];
            const double scaled = std::round(static_cast<double>(value) * units_per_millivolt);
            if (!std::isnan(value) && !(std::abs(scaled) <= largest_digital)) {
                fail_input(
                    "{}: lead {}, sample {}: {} {} does not fit; the limit at {} units per "
                    "{} is {:g}; choose another with --resolution",
                    recording.source, lead.name, i, value, signal.unit, units_per_millivolt,
                    signal.unit, largest_digital / units_per_millivolt);
            }
            signal.samples.push_back(std::isnan(value) ? wfdb_missing
                                                       : static_cast<std::int32_t>(scaled));
        }
    }
    return digital;
}

double largest_difference(const Recording& recording, const DigitalRecording& digital) {
    double largest = 0;
    for (std::size_t lead = 0; lead < recording.leads.size(); ++lead) {
        const DigitalSignal& signal = digital.signals[lead];
        const std::vector<float>& values = recording.leads[lead].samples;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (signal.samples[i] == wfdb_missing) continue;
            // As a float: a value that comes back as it was lost nothing.
            const auto back = static_cast<float>(signal.physical(signal.samples[i]));
            largest = std::max(largest, std::abs(static_cast<double>(back) - values[i]));
        }
    }
    return largest;
}

void check_digital_limits(const DigitalRecording& recording, std::int32_t low, std::int32_t high,
                          const std::string& target) {
    for (const DigitalSignal& signal : recording.signals) {
        for (std::size_t i = 0; i < signal.samples.size(); ++i) {
            const std::int32_t sample = signal.samples[i];
            if (sample == wfdb_missing || (sample >= low && sample <= high)) continue;
            const std::int32_t limit = sample < low ? low : high;
            fail_input(
                "{}: lead {}, sample {}: {:g} {} ({} units) does not fit {}; the limit at {} units "
                "per {} is {:g}; choose fewer units per mV with --resolution, or another format",
                recording.source, signal.label, i, signal.physical(sample), signal.unit, sample,
                target, signal.gain, signal.unit, signal.physical(limit));
        }
    }
}

}  // namespace clef
