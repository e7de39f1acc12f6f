#include "formats/edf_reader.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "base/file.hpp"
#include "formats/edf_annotations.hpp"
#include "formats/edf_header.hpp"
#include "formats/leads.hpp"
#include "formats/units.hpp"

namespace clef {

namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

// Samples that one read may fill with gaps: without a limit a small file that claims records a
// century apart would fill the memory.
constexpr double most_gaps_at_once = 1 << 27;

constexpr double most_samples = 1e15;

std::int32_t sample_at(const std::byte* data, bool is_bdf) {
    const auto byte = [&](std::size_t i) { return std::to_integer<std::uint32_t>(data[i]); };
    // Shifted to the top and back down, so that the sign comes along.
    if (is_bdf) return static_cast<std::int32_t>(byte(0) << 8 | byte(1) << 16 | byte(2) << 24) >> 8;
    return static_cast<std::int16_t>(byte(0) | byte(1) << 8);
}

std::vector<std::string> comments_of(const EdfHeader& header) {
    std::vector<std::string> comments;
    if (!header.patient.empty()) comments.push_back("patient: " + header.patient);
    if (!header.recording.empty()) comments.push_back("recording: " + header.recording);
    return comments;
}

class EdfReader final : public EcgReader {
  public:
    explicit EdfReader(const std::filesystem::path& path)
        : file_(path), header_(parse_edf_header(file_.bytes(), path)) {
        if (header_.is_discontinuous) starts_ = edf_record_starts(header_, file_.bytes());
        info_.format = header_.format_name();
        info_.comments = comments_of(header_);
        info_.start = header_.start;
        for (const EdfSignal& signal : header_.signals) {
            if (signal.holds_annotations) continue;
            signals_.push_back(&signal);
            info_.signals.push_back({canonical_lead(signal.label), signal.label, signal.unit,
                                     rate_of(signal), length_of(signal)});
        }
        summarise_signals(info_);
    }

    const RecordingInfo& info() const override { return info_; }

    std::vector<Lead> read(std::span<const std::size_t> signals, std::uint64_t from,
                           std::uint64_t to) const override {
        refuse_endless_gaps(signals, from, to);
        std::vector<Lead> leads;
        for (const std::size_t position : signals) {
            const SignalInfo& info = info_.signals[position];
            const auto samples = static_cast<std::size_t>(to - from);
            Lead lead{info.name, info.label, info.unit, millivolts_per(info.unit).has_value(),
                      std::vector<float>(samples, missing)};
            decode(*signals_[position], from, to, lead);
            leads.push_back(std::move(lead));
        }
        return leads;
    }

    std::vector<Annotation> annotations() const override {
        return edf_annotations(header_, file_.bytes(), info_.sampling_rate);
    }

  private:
    double rate_of(const EdfSignal& signal) const {
        return static_cast<double>(signal.samples_per_record) / header_.record_seconds;
    }

    // Where the record's first sample lies in the signal, gaps counted. A record whose time was
    // rounded to a little before the end of the one before it begins there.
    std::uint64_t position_of(const EdfSignal& signal, std::uint64_t record,
                              std::uint64_t earliest) const {
        if (starts_.empty()) return record * signal.samples_per_record;
        const double position = (starts_[record] - starts_.front()) * rate_of(signal);
        if (!(position < most_samples)) {
            fail_input("{}: record {} begins at {} s, {:.3g} samples after the first: too many",
                       header_.path.string(), record + 1, starts_[record], position);
        }
        return std::max(static_cast<std::uint64_t>(std::llround(position)), earliest);
    }

    std::uint64_t length_of(const EdfSignal& signal) const {
        if (starts_.empty()) return header_.records * signal.samples_per_record;
        std::uint64_t end = 0;
        for (std::uint64_t record = 0; record < header_.records; ++record) {
            end = position_of(signal, record, end) + signal.samples_per_record;
        }
        return end;
    }

    void refuse_endless_gaps(std::span<const std::size_t> signals, std::uint64_t from,
                             std::uint64_t to) const {
        if (starts_.empty()) return;
        const EdfSignal& signal = *signals_[signals.front()];
        const auto asked = static_cast<double>(to - from) * static_cast<double>(signals.size());
        const auto held = static_cast<double>(header_.records * signal.samples_per_record) *
                          static_cast<double>(signals.size());
        if (asked - held <= most_gaps_at_once) return;
        fail_input(
            "{}: samples {} to {} hold at most {:.0f} recorded samples per lead, the rest being "
            "gaps; ask for shorter stretches",
            header_.path.string(), from, to, held / static_cast<double>(signals.size()));
    }

    void decode(const EdfSignal& signal, std::uint64_t from, std::uint64_t to, Lead& lead) const {
        // Without gaps the records that are needed are known at once.
        const std::uint64_t per_record = signal.samples_per_record;
        std::uint64_t record = starts_.empty() ? from / per_record : 0;
        std::uint64_t end = 0;
        for (; record < header_.records; ++record) {
            const std::uint64_t begin = position_of(signal, record, end);
            end = begin + per_record;
            if (begin >= to) break;
            if (end <= from) continue;
            decode_record(signal, record, std::max(from, begin) - begin, std::min(to, end) - begin,
                          lead.samples.data() + (std::max(from, begin) - from));
        }
        const double unit = millivolts_per(signal.unit).value_or(1.0);
        const EdfScale scale = edf_scale(header_, signal);
        const double lowest = header_.is_bdf ? -8388608.0 : -32768.0;
        const bool lowest_is_missing = signal.digital_minimum > lowest;
        for (float& value : lead.samples) {
            if (lowest_is_missing && static_cast<double>(value) == lowest) value = missing;
            value = static_cast<float>((value * scale.factor + scale.summand) * unit);
        }
    }

    // Digital values of samples [from, to) of one record; 24 bit are exact in a float.
    void decode_record(const EdfSignal& signal, std::uint64_t record, std::uint64_t from,
                       std::uint64_t to, float* out) const {
        const std::uint64_t bytes = header_.sample_bytes();
        const std::byte* data = file_.bytes().data() + header_.header_bytes +
                                record * header_.record_bytes + signal.offset;
        for (std::uint64_t i = from; i < to; ++i) {
            *out++ = static_cast<float>(sample_at(data + i * bytes, header_.is_bdf));
        }
    }

    MappedFile file_;
    EdfHeader header_;
    std::vector<double> starts_;             // seconds, one per record; empty without gaps
    std::vector<const EdfSignal*> signals_;  // those of info_.signals
    RecordingInfo info_;
};

bool recognises(const FormatCandidate& candidate) {
    return is_edf(candidate.beginning);
}

std::unique_ptr<const EcgReader> open(const std::filesystem::path& path, const ReadOptions&) {
    return std::make_unique<EdfReader>(path);
}

}  // namespace

EcgFormat edf_format() {
    return {"EDF", "EDF, EDF+ and BDF", recognises, open};
}

}  // namespace clef
