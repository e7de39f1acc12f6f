#include "formats/wfdb_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/leads.hpp"
#include "formats/units.hpp"
#include "formats/wfdb_decoders.hpp"
#include "formats/wfdb_kernels.hpp"
#include "formats/wfdb_segments.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

// A WFDB header says rate and unit itself: what the user says may only agree with it.
void check_claims(const WfdbRecord& record, const ReadOptions& options) {
    const std::string source = record.header().path.string();
    for (const WfdbSignal& signal : record.signals()) {
        const double rate = record.frame_rate() * signal.frame_samples;
        if (options.sampling_rate && std::abs(*options.sampling_rate - rate) > 1e-6 * rate) {
            fail_input(
                "{}: the header says {} Hz, but {} Hz was given; leave the sampling rate out",
                source, rate, *options.sampling_rate);
        }
        if (options.units && lower(signal.units) != lower(*options.units)) {
            fail_input(
                "{}: the header gives lead {} in '{}', but '{}' was given; leave the units out",
                source, signal.description, signal.units, *options.units);
        }
    }
}

// Physical values are (digital − baseline) / gain, rounded once. Numbers of up to 24 bits divide
// exactly as floats (wfdb_kernels); everything else goes through double.
void convert_wide(std::span<const std::int32_t> digital, double baseline, double divisor,
                  float* out) {
    for (std::size_t i = 0; i < digital.size(); ++i) {
        out[i] = digital[i] == wfdb_missing
                     ? std::numeric_limits<float>::quiet_NaN()
                     : static_cast<float>((static_cast<double>(digital[i]) - baseline) / divisor);
    }
}

// Whether samples and baseline are so small that their difference is exact in a float.
bool is_narrow(const WfdbSignal& signal) {
    const WfdbDecoder* decoder = find_wfdb_decoder(signal.format);
    constexpr std::int64_t limit = std::int64_t{1} << 23;
    return decoder != nullptr && decoder->invalid >= -32768 && std::abs(signal.baseline) < limit;
}

// Appends digital samples as physical ones: millivolts where the signal's unit is one of voltage.
void append(std::vector<float>& samples, const WfdbSignal& signal,
            std::span<const std::int32_t> digital) {
    const double divisor = signal.gain / millivolts_per(signal.units).value_or(1.0);
    const auto narrow_divisor = static_cast<float>(divisor);
    const bool is_exact = is_narrow(signal) && static_cast<double>(narrow_divisor) == divisor;
    std::array<float, 1024> part;
    while (!digital.empty()) {
        const auto some = digital.first(std::min(part.size(), digital.size()));
        if (is_exact) {
            const auto baseline = static_cast<std::int32_t>(signal.baseline);
            wfdb_kernels::convert(some, baseline, narrow_divisor, part.data());
        } else {
            convert_wide(some, static_cast<double>(signal.baseline), divisor, part.data());
        }
        samples.insert(samples.end(), part.data(), part.data() + some.size());
        digital = digital.subspan(some.size());
    }
}

bool is_compressed(const WfdbSignal& signal) {
    const WfdbDecoder* decoder = find_wfdb_decoder(signal.format);
    return decoder != nullptr && decoder->flac_bits > 0;
}

// A signal of several samples per frame is given at its own rate.
class WfdbReader final : public EcgReader {
  public:
    explicit WfdbReader(WfdbRecord record) : record_(std::move(record)) {
        const WfdbHeader& header = record_.header();
        info_.format = "WFDB";
        info_.comments = header.comments;
        info_.start = std::string(trim(header.base_time + " " + header.base_date));
        for (const WfdbSignal& signal : record_.signals()) {
            info_.signals.push_back({name_of(signal), signal.description, signal.units,
                                     record_.frame_rate() * signal.frame_samples,
                                     record_.frames() * signal.frame_samples});
        }
        summarise_signals(info_);
    }

    const RecordingInfo& info() const override { return info_; }

    std::vector<Lead> read(std::span<const std::size_t> signals, std::uint64_t from,
                           std::uint64_t to) const override {
        const std::uint64_t per_frame = record_.signals()[signals.front()].frame_samples;
        const std::uint64_t first_frame = from / per_frame;
        const std::uint64_t last_frame = (to - 1) / per_frame + 1;
        record_.check_amount(signals, first_frame, last_frame);
        // Before memory is set aside: opening compares the files' sizes with the header's claims.
        const auto cursor = record_.cursor(signals, first_frame);
        std::vector<Lead> leads;
        for (const std::size_t position : signals) leads.push_back(empty_lead(position, to - from));

        // What lies before `from` in its frame and beyond `to` in its own is decoded and dropped.
        std::vector<std::uint64_t> dropped(signals.size(), from % per_frame);
        const auto take = [&](std::size_t which, const WfdbSignal& signal,
                              std::span<const std::int32_t> digital) {
            std::vector<float>& samples = leads[which].samples;
            const auto drop = std::min<std::uint64_t>(dropped[which], digital.size());
            dropped[which] -= drop;
            digital = digital.subspan(static_cast<std::size_t>(drop));
            const std::uint64_t wanted = to - from - samples.size();
            append(samples, signal, digital.first(std::min<std::size_t>(digital.size(), wanted)));
        };
        cursor->next(last_frame - first_frame, take);
        return leads;
    }

    std::vector<Checksum> checksums() const override { return record_.checksums(); }

  private:
    std::string name_of(const WfdbSignal& signal) const {
        const std::string name = canonical_lead(signal.description);
        return name.empty() ? fmt::format("signal {}", info_.signals.size()) : name;
    }

    Lead empty_lead(std::size_t position, std::uint64_t samples) const {
        const WfdbSignal& signal = record_.signals()[position];
        Lead lead{info_.signals[position].name,
                  signal.description,
                  signal.units,
                  millivolts_per(signal.units).has_value(),
                  {}};
        // The files of plain formats have been seen to hold what is asked for; how much a
        // compressed one holds shows only when it is decoded.
        constexpr std::uint64_t believed = std::uint64_t{1} << 24;
        lead.samples.reserve(static_cast<std::size_t>(
            is_compressed(signal) ? std::min(samples, believed) : samples));
        return lead;
    }

    WfdbRecord record_;
    RecordingInfo info_;
};

bool recognises(const FormatCandidate& candidate) {
    return !find_wfdb_header(candidate.path).empty();
}

std::unique_ptr<const EcgReader> open(const fs::path& path, const ReadOptions& options) {
    WfdbRecord record(find_wfdb_header(path));
    check_claims(record, options);
    return std::make_unique<WfdbReader>(std::move(record));
}

}  // namespace

fs::path find_wfdb_header(const fs::path& path) {
    if (path.extension() == ".hea") return is_file(path) ? path : fs::path();
    fs::path beside = path;
    beside += ".hea";
    if (is_file(beside)) return beside;
    fs::path replaced = path;
    replaced.replace_extension(".hea");
    if (is_file(path) && is_file(replaced)) return replaced;
    return {};
}

EcgFormat wfdb_format() {
    return {"WFDB", "PhysioNet records (.hea with .dat or .mat)", recognises, open};
}

}  // namespace clef
