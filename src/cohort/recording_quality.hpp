// Signal quality of a whole recording, window by window, and its summary as columns of the cohort.
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cohort/cohort.hpp"
#include "formats/ecg_reader.hpp"
#include "signal/quality.hpp"

namespace clef {

struct QualityWindow {
    double start_seconds = 0;  // from the recording's beginning
    LeadQuality quality;
};

struct SignalQuality {
    std::size_t signal = 0;  // position in RecordingInfo::signals
    std::string name;
    std::string unit;  // of the amplitudes: "mV" where the file's unit is a voltage
    std::vector<QualityWindow> windows;
};

struct QualityStretch {
    double window_seconds = 10;
    // Samples [from, to) at the signals' rate; beyond the end is clipped.
    std::uint64_t from = 0;
    std::uint64_t to = std::numeric_limits<std::uint64_t>::max();
};

// Windows one after the other; a remainder of at least half a window is a shorter window, a smaller
// one is read, but left out; a recording shorter than a window is one window. The signals share one
// rate. Reads about a megabyte a lead at a time: a day's recording does not fill the memory. `done`
// hears of the windows as they are measured. Errors: InputError as the reader's; also for more
// windows than any recording has.
std::vector<SignalQuality> recording_quality(const EcgReader& reader, const std::string& source,
                                             std::span<const std::size_t> signals,
                                             const QualityStretch& stretch = {},
                                             const std::function<void(std::size_t)>& done = {});
// How many windows (of all signals together) that is.
std::size_t quality_windows(const EcgReader& reader, std::span<const std::size_t> signals,
                            const QualityStretch& stretch = {});

// The signals read when no lead is named that are ECG leads by name; all of those, where no name is
// known.
std::vector<std::size_t> ecg_signals(const RecordingInfo& info);

// A signal over all its windows. Fractions are of all samples; amplitudes are the extremes; noise,
// baseline and quality are medians over the windows.
struct QualitySummary {
    double missing = 0;
    double flat = 0;
    double saturated = 0;
    float lowest = std::numeric_limits<float>::quiet_NaN();
    float highest = std::numeric_limits<float>::quiet_NaN();
    double range = std::numeric_limits<double>::quiet_NaN();  // median of 99.5 % minus 0.5 %
    double noise = std::numeric_limits<double>::quiet_NaN();
    double baseline = std::numeric_limits<double>::quiet_NaN();
    double quality = 0;
    double worst = 0;  // lowest quality of a window
    double worst_start_seconds = 0;
};
QualitySummary summarise(const SignalQuality& signal);

struct QualityColumnOptions {
    // Empty: of the ECG leads, the one of the lowest quality. A lead that would have to be derived
    // is an absent one.
    std::string lead;
    std::optional<double> min_quality;
    bool drop_unreadable = false;  // rows whose samples cannot be read: left out and listed
    bool strict = false;           // such a row is an InputError
    unsigned threads = 0;
    ReadOptions read;
    // Where what was measured is noted as it comes, for a run that takes up where this one was
    // interrupted (quality_notes.hpp); empty: nowhere. The caller removes it when all is done.
    std::filesystem::path notes;
};

// Adds the columns quality, quality_lead, missing_fraction, flat_fraction, saturated_fraction,
// noise and checksum (of whole recordings: "ok", "mismatch: V1 V2", "none" where the header says
// none, "" where the format has none), in place where the cohort has them. Rows below min_quality
// are left out and listed in cohort.skipped. Returns a remark for the reader; shows progress.
std::string add_quality_columns(Cohort& cohort, const QualityColumnOptions& options);

}  // namespace clef
