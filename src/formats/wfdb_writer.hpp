// Writes WFDB records: NAME.hea and NAME.dat. Signal formats 16 (two's complement, little-endian,
// interleaved), 212 (two 12-bit samples in three bytes) and 516 (16-bit FLAC; at most eight signals
// to a file, so that more become NAME_1.dat, NAME_2.dat, …).
// Source: WFDB Applications Guide, header(5) and signal(5). All functions are thread-safe.
#pragma once

#include <filesystem>

#include "formats/digital_recording.hpp"
#include "formats/recording.hpp"

namespace clef {

enum class WfdbFormat { format_16 = 16, format_212 = 212, format_516 = 516 };

// `record` is folder/name without extension; the name may hold letters, digits, '_' and '-'. Gains,
// baselines, ADC zeros and resolutions are kept; initial values and checksums are those of the
// samples written; a missing sample becomes the format's code for one (−32768; −2048 in format
// 212). Each file appears atomically, the header last.
// Errors: InputError when a name, label, unit or comment cannot be written, or when a sample does
// not fit (names lead, sample, value and limit).
void write_wfdb(const std::filesystem::path& record, const DigitalRecording& recording,
                WfdbFormat format);

// In format 16, rounded to 1/units_per_millivolt (of the lead's own unit, where that is not
// millivolts); NaN is a missing sample. Errors: also leads of different length.
void write_wfdb(const std::filesystem::path& record, const Recording& recording,
                double units_per_millivolt = 1000.0);

}  // namespace clef
