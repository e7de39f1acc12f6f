// From any recording to WFDB, EDF+, CSV or NPY, with its annotations. Digital values go from WFDB
// to WFDB and EDF as they are, with gain, baseline and ADC zero; everything else goes through
// millivolts, and what that costs is measured.
//
// Annotations: WFDB to WFDB, every annotation file of the record (unchanged, when the whole record
// is converted); to EDF+, as texts in the file; to CSV and NPY, as OUT.annotations.csv. EDF+ to
// WFDB: OUT.atr. Thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "formats/ecg_file.hpp"

namespace clef {

enum class ConversionTarget { wfdb16, wfdb212, wfdb516, edf, csv, npy };

// By name ("wfdb16", "edf", …), or, where that is empty, by the ending of `out`: ".edf", ".csv",
// ".npy"; ".hea", ".dat" or none: wfdb16. Errors: InputError that lists the names.
ConversionTarget conversion_target(const std::string& name, const std::filesystem::path& out);

struct ConversionOptions {
    ReadOptions read = {};
    // Digital units per millivolt (or per the lead's own unit) for WFDB and EDF. Nothing: the
    // file's own digital values, or 1000 where it has none.
    std::optional<double> resolution = std::nullopt;
    std::vector<std::string> annotators = {};  // which annotation files; empty: all of the record
};

struct ConversionResult {
    std::vector<std::filesystem::path> files;  // written, the one to open first
    std::size_t leads = 0;
    std::size_t samples = 0;
    double sampling_rate = 0;
    std::size_t annotations = 0;
    bool kept_digital = false;        // the very integers of the source
    double largest_difference = 0;    // in the leads' unit, from rounding
    std::vector<std::string> losses;  // what the target does not hold, a sentence each
    std::string reading_options;      // what reading it back needs: "--fs 500 --units mV"
};

// Files appear atomically. Errors: InputError of reading, of what the target cannot hold (names
// lead, sample, value and limit), or when `out` is the input itself.
ConversionResult convert_recording(const std::filesystem::path& in,
                                   const std::filesystem::path& out, ConversionTarget target,
                                   const ConversionOptions& options);

}  // namespace clef
