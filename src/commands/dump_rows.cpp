#include "commands/dump_rows.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/leads.hpp"
#include "formats/units.hpp"
#include "formats/wfdb_reader.hpp"
#include "formats/wfdb_segments.hpp"

namespace clef {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::size_t find_channel(const RecordingInfo& info, const std::string& source,
                         const std::string& wanted) {
    const auto& signals = info.signals;
    if (const auto number = parse_integer(wanted)) {
        if (*number >= 0 && static_cast<std::uint64_t>(*number) < signals.size()) {
            return static_cast<std::size_t>(*number);
        }
        fail_input("{}: --channels {}: the recording has {} signals, 0 to {}", source, wanted,
                   signals.size(), signals.size() - 1);
    }
    for (std::size_t i = 0; i < signals.size(); ++i) {
        if (signals[i].label == wanted) return i;
    }
    for (std::size_t i = 0; i < signals.size(); ++i) {
        if (same_lead(signals[i].label, wanted) || same_lead(signals[i].name, wanted)) return i;
    }
    fail_input("{}: --channels {}: no such signal; there are: {}", source, wanted,
               join(info.leads, ", "));
}

std::vector<std::size_t> find_channels(const RecordingInfo& info, const std::string& source,
                                       const std::vector<std::string>& wanted) {
    std::vector<std::size_t> chosen;
    for (const std::string& name : wanted) chosen.push_back(find_channel(info, source, name));
    return chosen;
}

// The mean of a frame's samples as the WFDB library makes it: whole, cut off towards zero; missing
// where one of them is.
std::int64_t mean(std::span<const std::int32_t> frame) {
    std::int64_t sum = 0;
    for (const std::int32_t sample : frame) {
        if (sample == wfdb_missing) return wfdb_missing;
        sum += sample;
    }
    return sum / static_cast<std::int64_t>(frame.size());
}

class WfdbRows final : public DumpRows {
  public:
    WfdbRows(const std::filesystem::path& header, std::vector<std::size_t> chosen,
             const DumpView& view)
        : record_(header), chosen_(std::move(chosen)), digital_(view.digital) {
        std::uint64_t skew = 0;
        for (const WfdbSignal& signal : record_.signals()) {
            if (view.high_resolution) {
                per_frame_ = std::max<std::uint64_t>(per_frame_, signal.frame_samples);
            }
            if (record_.header().segments == 0) skew = std::max<std::uint64_t>(skew, signal.skew);
        }
        // Where the first signal ends the rows do, as in rdsamp.
        frames_ = record_.frames() - std::min(record_.frames(), skew);
        high_resolution_ = view.high_resolution;
    }

    double rate() const override { return record_.frame_rate() * static_cast<double>(per_frame_); }
    std::uint64_t rows() const override { return frames_ * per_frame_; }
    std::size_t columns() const override { return chosen_.size(); }
    std::uint64_t rows_per_frame() const override { return per_frame_; }

    std::vector<std::vector<double>> read(std::uint64_t from, std::uint64_t to) override {
        const std::uint64_t first = from / per_frame_;
        const std::uint64_t last = (to - 1) / per_frame_ + 1;
        // A frame that two blocks share is read twice.
        if (!cursor_ || first != position_) cursor_ = record_.cursor(chosen_, first);
        position_ = last;
        std::vector<std::vector<double>> columns(chosen_.size());
        cursor_->next(last - first, [&](std::size_t which, const WfdbSignal& signal,
                                        std::span<const std::int32_t> samples) {
            add(columns[which], which, signal, samples);
        });
        for (auto& column : columns) {
            column.resize(static_cast<std::size_t>(to - first * per_frame_));
            column.erase(column.begin(),
                         column.begin() + static_cast<std::ptrdiff_t>(from - first * per_frame_));
        }
        return columns;
    }

  private:
    void add(std::vector<double>& column, std::size_t which, const WfdbSignal& signal,
             std::span<const std::int32_t> samples) const {
        const std::size_t per_frame = signal.frame_samples;
        for (; !samples.empty(); samples = samples.subspan(per_frame)) {
            const auto frame = samples.first(per_frame);
            if (!high_resolution_) {
                column.push_back(value(which, signal, mean(frame)));
                continue;
            }
            for (std::uint64_t row = 0; row < per_frame_; ++row) {
                column.push_back(value(which, signal, frame[per_frame * row / per_frame_]));
            }
        }
    }

    double value(std::size_t which, const WfdbSignal& signal, std::int64_t sample) const {
        if (sample == wfdb_missing) return missing;
        if (digital_) return static_cast<double>(sample);
        const double physical =
            (static_cast<double>(sample) - static_cast<double>(signal.baseline)) / signal.gain;
        const WfdbSignal& whole = record_.signals()[chosen_[which]];
        if (signal.units == whole.units) return physical;
        // A segment in another unit of voltage than the record: nothing else is let through.
        return physical * *millivolts_per(signal.units) / *millivolts_per(whole.units);
    }

    WfdbRecord record_;
    std::vector<std::size_t> chosen_;
    bool digital_ = false;
    bool high_resolution_ = false;
    std::uint64_t per_frame_ = 1;  // rows
    std::uint64_t frames_ = 0;
    std::unique_ptr<WfdbCursor> cursor_;
    std::uint64_t position_ = 0;
};

class ReaderRows final : public DumpRows {
  public:
    ReaderRows(std::unique_ptr<const EcgReader> reader, std::vector<std::size_t> chosen)
        : reader_(std::move(reader)), chosen_(std::move(chosen)) {}

    double rate() const override { return first().sampling_rate; }
    std::uint64_t rows() const override { return first().samples; }
    std::size_t columns() const override { return chosen_.size(); }

    std::vector<std::vector<double>> read(std::uint64_t from, std::uint64_t to) override {
        std::vector<std::vector<double>> columns;
        for (const Lead& lead : reader_->read(chosen_, from, to)) {
            // Readers give millivolts; people are shown the file's own unit.
            const double unit = lead.in_millivolts ? millivolts_per(lead.unit).value_or(1.0) : 1.0;
            std::vector<double>& column = columns.emplace_back();
            column.reserve(lead.samples.size());
            for (const float sample : lead.samples) column.push_back(sample / unit);
        }
        return columns;
    }

  private:
    const SignalInfo& first() const { return reader_->info().signals[chosen_.front()]; }

    std::unique_ptr<const EcgReader> reader_;
    std::vector<std::size_t> chosen_;
};

void check_one_rate(const RecordingInfo& info, const std::string& source,
                    std::span<const std::size_t> chosen) {
    const SignalInfo& first = info.signals[chosen.front()];
    for (const std::size_t position : chosen) {
        const SignalInfo& signal = info.signals[position];
        if (signal.sampling_rate == first.sampling_rate) continue;
        fail_input("{}: {} has {} Hz and {} has {} Hz; name signals of one rate with --channels",
                   source, first.name, first.sampling_rate, signal.name, signal.sampling_rate);
    }
}

}  // namespace

std::unique_ptr<DumpRows> open_dump(const std::filesystem::path& recording, const DumpView& view,
                                    const ReadOptions& options) {
    const std::string source = recording.string();
    auto reader = open_ecg(recording, options);
    const RecordingInfo& info = reader->info();
    if (info.signals.empty()) fail_input("{}: the recording holds no signals", source);
    std::vector<std::size_t> chosen = find_channels(info, source, view.channels);
    if (info.format == "WFDB") {
        for (std::size_t i = 0; view.channels.empty() && i < info.signals.size(); ++i) {
            chosen.push_back(i);
        }
        return std::make_unique<WfdbRows>(find_wfdb_header(recording), std::move(chosen), view);
    }
    if (view.digital) {
        fail_input(
            "{}: --digital needs a WFDB record, and this is {}; leave it out for values in "
            "the file's units",
            source, info.format);
    }
    if (view.channels.empty()) chosen = default_signals(info);
    check_one_rate(info, source, chosen);
    return std::make_unique<ReaderRows>(std::move(reader), std::move(chosen));
}

}  // namespace clef
