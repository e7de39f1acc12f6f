#include "formats/conversion_source.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/text.hpp"
#include "formats/leads.hpp"
#include "formats/wfdb_reader.hpp"
#include "formats/wfdb_time.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr double default_resolution = 1000;

// The positions of the signals asked for; nothing when one is not among them (it may be derived) or
// they differ in rate: reading them as leads settles that, or says what is wrong.
std::optional<std::vector<std::size_t>> positions_of(const RecordingInfo& info,
                                                     const std::vector<std::string>& wanted) {
    std::vector<std::size_t> positions;
    for (const std::string& name : wanted) {
        const auto find = [&](const auto& test) {
            return std::find_if(info.signals.begin(), info.signals.end(), test);
        };
        auto found = find([&](const SignalInfo& signal) { return signal.label == name; });
        if (found == info.signals.end()) {
            found = find([&](const SignalInfo& signal) {
                return same_lead(signal.label, name) || same_lead(signal.name, name);
            });
        }
        if (found == info.signals.end()) return std::nullopt;
        positions.push_back(static_cast<std::size_t>(found - info.signals.begin()));
    }
    if (wanted.empty()) positions = default_signals(info);
    const bool one_rate =
        std::all_of(positions.begin(), positions.end(), [&](std::size_t position) {
            return info.signals[position].sampling_rate ==
                   info.signals[positions.front()].sampling_rate;
        });
    if (!one_rate || positions.empty()) return std::nullopt;
    return positions;
}

// Base time and date, `seconds` later.
void move_start(std::string& time, std::string& date, double seconds) {
    WfdbHeader header;
    header.base_time = time;
    header.base_date = date;
    const WfdbBaseTime base = wfdb_base_time(header);
    if (seconds == 0 || !base.is_known()) return;
    // "[15:08:24.000 15/08/1994]": a tick is a millisecond.
    const std::string text =
        wfdb_time_text(static_cast<std::int64_t>(std::llround(seconds * 1000)), 1000, base);
    const auto parts = split_blanks(std::string_view(text).substr(1, text.size() - 2));
    time = parts[0];
    if (!date.empty() && parts.size() > 1) date = parts[1];
}

}  // namespace

ConversionSource::ConversionSource(const fs::path& in, const ConversionOptions& options)
    : reader_(open_ecg(in, options.read)), is_wfdb_(!find_wfdb_header(in).empty()) {}

void ConversionSource::set_stretch(double sampling_rate, std::uint64_t from, std::uint64_t samples,
                                   std::uint64_t available) {
    stretch_ = {sampling_rate, from, samples, from == 0 && samples == available};
}

void ConversionSource::read_physical(const fs::path& in, const ConversionOptions& options) {
    recording_ = read_ecg(in, options.read);
    std::uint64_t available = 0;
    for (const SignalInfo& signal : reader_->info().signals) {
        if (signal.sampling_rate == recording_.sampling_rate) available = signal.samples;
    }
    set_stretch(recording_.sampling_rate, options.read.from, recording_.samples(), available);
}

bool ConversionSource::try_digital(const fs::path& in, const ConversionOptions& options) {
    const RecordingInfo& info = reader_->info();
    const auto positions = positions_of(info, options.read.leads);
    if (!is_wfdb_ || options.resolution || !positions) return false;
    const SignalInfo& first = info.signals[positions->front()];
    const std::uint64_t to = std::min(options.read.to, first.samples);
    if (options.read.from >= to) return false;  // reading leads says what is wrong
    digital_ = read_digital(find_wfdb_header(in), *positions, options.read.from, to);
    if (!digital_) return false;
    set_stretch(first.sampling_rate, options.read.from, to - options.read.from, first.samples);
    if (options.read.leads.empty()) {
        for (const SignalInfo& signal : info.signals) {
            if (signal.sampling_rate != first.sampling_rate) left_out_.push_back(signal.name);
        }
    }
    for (std::size_t i = 0; i < positions->size(); ++i) {
        if (digital_->signals[i].label.empty()) {
            digital_->signals[i].label = info.signals[(*positions)[i]].name;
        }
    }
    kept_digital_ = true;
    return true;
}

ConversionSource ConversionSource::physical(const fs::path& in, const ConversionOptions& options) {
    ConversionSource source(in, options);
    source.read_physical(in, options);
    return source;
}

ConversionSource ConversionSource::digital(const fs::path& in, const ConversionOptions& options) {
    ConversionSource source(in, options);
    if (!source.try_digital(in, options)) {
        source.read_physical(in, options);
        source.digital_ =
            quantise(source.recording_, options.resolution.value_or(default_resolution));
        const auto start = split_blanks(source.reader_->info().start);
        if (!start.empty()) source.digital_->base_time = start[0];
        if (start.size() > 1) source.digital_->base_date = start[1];
        source.largest_difference_ = clef::largest_difference(source.recording_, *source.digital_);
    }
    move_start(source.digital_->base_time, source.digital_->base_date,
               static_cast<double>(source.stretch_.from) / source.stretch_.sampling_rate);
    return source;
}

std::string ConversionSource::start() const {
    const auto parts = split_blanks(reader_->info().start);
    if (parts.empty()) return "";
    std::string time(parts[0]);
    std::string date(parts.size() > 1 ? parts[1] : "");
    move_start(time, date, static_cast<double>(stretch_.from) / stretch_.sampling_rate);
    return std::string(trim(fmt::format("{} {}", time, date)));
}

std::string ConversionSource::unit() const {
    return digital_ ? digital_->signals.front().unit : recording_.leads.front().unit;
}

}  // namespace clef
