#include "formats/wfdb_reader.hpp"

#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/leads.hpp"
#include "formats/wfdb_header.hpp"
#include "formats/wfdb_signal.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

// A WFDB header says rate and unit itself: what the user says may only agree with it.
void check_claims(const WfdbHeader& header, const ReadOptions& options) {
    if (options.sampling_rate &&
        std::abs(*options.sampling_rate - header.sampling_rate) > 1e-6 * header.sampling_rate) {
        fail_input("{}: the header says {} Hz, but {} Hz was given; leave the sampling rate out",
                   header.path.string(), header.sampling_rate, *options.sampling_rate);
    }
    if (!options.units) return;
    for (const WfdbSignal& signal : header.signals) {
        if (lower(signal.units) == lower(*options.units)) continue;
        fail_input("{}: the header gives lead {} in '{}', but '{}' was given; leave the units out",
                   header.path.string(), signal.description, signal.units, *options.units);
    }
}

class WfdbReader final : public EcgReader {
  public:
    explicit WfdbReader(WfdbHeader header) : header_(std::move(header)) {
        info_.format = "WFDB";
        info_.comments = header_.comments;
        info_.start = std::string(trim(header_.base_time + " " + header_.base_date));
        const std::uint64_t samples = wfdb_length(header_);
        for (const WfdbSignal& signal : header_.signals) {
            info_.signals.push_back({canonical_lead(signal.description), signal.description,
                                     signal.units, header_.sampling_rate, samples});
        }
        summarise_signals(info_);
    }

    const RecordingInfo& info() const override { return info_; }

    std::vector<Lead> read(std::span<const std::size_t> signals, std::uint64_t from,
                           std::uint64_t to) const override {
        return read_wfdb(header_, signals, from, to).leads;
    }

  private:
    WfdbHeader header_;
    RecordingInfo info_;
};

bool recognises(const FormatCandidate& candidate) {
    return !find_wfdb_header(candidate.path).empty();
}

std::unique_ptr<const EcgReader> open(const fs::path& path, const ReadOptions& options) {
    WfdbHeader header = read_wfdb_header(find_wfdb_header(path));
    check_claims(header, options);
    return std::make_unique<WfdbReader>(std::move(header));
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
