#include "formats/settled_reader.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/leads.hpp"

namespace clef {

namespace {

bool same_rate(double a, double b) {
    return std::abs(a - b) <= 1e-6 * std::max(std::abs(a), std::abs(b));
}

void check_rate(double said_by_file, const ReadOptions& options, const std::string& source) {
    if (!options.sampling_rate || same_rate(said_by_file, *options.sampling_rate)) return;
    fail_input("{}: the file says {} Hz, but --fs says {}; leave --fs out", source, said_by_file,
               *options.sampling_rate);
}

void check_unit(const SignalInfo& signal, const UnitScale& option, const std::string& source) {
    const UnitScale file = unit_scale(signal.unit);
    const bool agrees = file.in_millivolts ? option.in_millivolts && file.factor == option.factor
                                           : !option.in_millivolts || !is_known_lead(signal.label);
    if (agrees) return;
    fail_input("{}: the file gives lead {} in '{}', which --units contradicts; leave --units out",
               source, signal.label, signal.unit);
}

// The name that --lead-names gives a signal; its label must not be that of another lead.
std::string name_for(const std::string& label, const std::string& given,
                     const std::string& source) {
    const bool says_nothing = !is_known_lead(label) || canonical_lead(label) == "ECG";
    if (!says_nothing && !same_lead(label, given)) {
        fail_input(
            "{}: --lead-names calls {} what the file calls {}; name the columns in the "
            "file's order, or leave --lead-names out",
            source, given, label);
    }
    return canonical_lead(given);
}

void check_count(std::size_t count, const ReadOptions& options, const std::string& source) {
    if (options.lead_names.empty() || options.lead_names.size() == count) return;
    fail_input("{}: --lead-names has {} names, but the file has {} signals", source,
               options.lead_names.size(), count);
}

// Name of a column with this label, which may be empty, among `count`.
std::string settled_name(const std::string& label, std::size_t column, std::size_t count,
                         const ReadOptions& options, const std::string& source) {
    if (!options.lead_names.empty()) return name_for(label, options.lead_names[column], source);
    if (!label.empty()) return canonical_lead(label);
    if (count == 1) return "ECG";
    fail_input(
        "{}: the file does not name its {} leads; give --lead-names, in the order of its columns "
        "(--lead-names I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6)",
        source, count);
}

UnitScale settled_unit(const SignalInfo& signal, const ReadOptions& options,
                       const std::string& source) {
    if (!signal.unit.empty()) {
        if (options.units) check_unit(signal, parse_units_option(*options.units), source);
        return unit_scale(signal.unit);
    }
    if (options.units) return parse_units_option(*options.units);
    fail_input(
        "{}: the file does not say the unit of its numbers; give --units (mV, uV, V, a gain such "
        "as 200/mV, or NU where they are no voltage)",
        source);
}

class SettledReader final : public EcgReader {
  public:
    SettledReader(std::unique_ptr<const EcgReader> reader, RecordingInfo info,
                  std::vector<std::optional<UnitScale>> scales)
        : reader_(std::move(reader)), info_(std::move(info)), scales_(std::move(scales)) {}

    const RecordingInfo& info() const override { return info_; }

    std::vector<Lead> read(std::span<const std::size_t> signals, std::uint64_t from,
                           std::uint64_t to) const override {
        std::vector<Lead> leads = reader_->read(signals, from, to);
        for (std::size_t i = 0; i < leads.size(); ++i) {
            leads[i].name = info_.signals[signals[i]].name;
            const std::optional<UnitScale>& scale = scales_[signals[i]];
            if (!scale) continue;
            leads[i].unit = scale->unit;
            leads[i].in_millivolts = scale->in_millivolts;
            for (float& value : leads[i].samples) value *= static_cast<float>(scale->factor);
        }
        return leads;
    }

    std::vector<Annotation> annotations() const override { return reader_->annotations(); }
    std::vector<Checksum> checksums() const override { return reader_->checksums(); }

  private:
    std::unique_ptr<const EcgReader> reader_;
    RecordingInfo info_;
    std::vector<std::optional<UnitScale>> scales_;  // where --units settles it
};

}  // namespace

SettledSignals settle_signals(const PlainSignals& file, const ReadOptions& options,
                              const std::string& source) {
    const std::size_t count = file.labels.size();
    if (file.sampling_rate) check_rate(*file.sampling_rate, options, source);
    const std::optional<double> rate =
        file.sampling_rate ? file.sampling_rate : options.sampling_rate;
    if (!rate) fail_input("{}: the file does not say its sampling rate; give --fs HZ", source);
    check_count(count, options, source);

    SettledSignals settled;
    settled.info.format = file.format;
    for (std::size_t i = 0; i < count; ++i) {
        SignalInfo signal{"", file.labels[i], file.units[i], *rate, file.samples};
        signal.name = settled_name(signal.label, i, count, options, source);
        if (signal.label.empty()) signal.label = signal.name;
        settled.scales.push_back(settled_unit(signal, options, source));
        signal.unit = settled.scales.back().unit;
        settled.info.signals.push_back(std::move(signal));
    }
    summarise_signals(settled.info);
    return settled;
}

std::unique_ptr<const EcgReader> settle_reader(std::unique_ptr<const EcgReader> reader,
                                               const ReadOptions& options,
                                               const std::string& source) {
    if (!options.sampling_rate && !options.units && options.lead_names.empty()) return reader;
    RecordingInfo info = reader->info();
    if (!info.signals.empty()) check_rate(info.sampling_rate, options, source);
    check_count(info.signals.size(), options, source);
    std::vector<std::optional<UnitScale>> scales(info.signals.size());
    bool changed = false;
    for (std::size_t i = 0; i < info.signals.size(); ++i) {
        SignalInfo& signal = info.signals[i];
        if (options.units && signal.unit.empty()) {
            scales[i] = parse_units_option(*options.units);
            signal.unit = scales[i]->unit;
            changed = true;
        } else if (options.units) {
            check_unit(signal, parse_units_option(*options.units), source);
        }
        if (options.lead_names.empty()) continue;
        std::string name = name_for(signal.label, options.lead_names[i], source);
        changed = changed || name != signal.name;
        signal.name = std::move(name);
    }
    if (!changed) return reader;
    summarise_signals(info);
    return std::make_unique<SettledReader>(std::move(reader), std::move(info), std::move(scales));
}

}  // namespace clef
