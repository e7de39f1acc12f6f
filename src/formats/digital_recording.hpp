// A recording as the integers that an analogue-to-digital converter gave, with what makes
// millivolts of them: what WFDB and EDF store. Going from one to another through it changes no
// sample.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/recording.hpp"
#include "formats/wfdb_decoders.hpp"
#include "formats/wfdb_header.hpp"

namespace clef {

// physical = (sample − baseline) / gain, in `unit`.
struct DigitalSignal {
    std::string label;
    std::string unit;
    double gain = 200.0;  // per unit; negative: inverted
    std::int64_t baseline = 0;
    int resolution = 0;  // bits of the converter; 0 unknown
    std::int64_t adc_zero = 0;
    std::vector<std::int32_t> samples;  // wfdb_missing where there is none

    double physical(std::int32_t sample) const {
        return (static_cast<double>(sample) - static_cast<double>(baseline)) / gain;
    }
};

struct DigitalRecording {
    std::string source;                  // for messages
    double sampling_rate = 0;            // Hz
    std::vector<DigitalSignal> signals;  // all of the same length
    std::vector<std::string> comments;
    std::string base_time;  // as WFDB headers write it: "15:08:24", "" unknown
    std::string base_date;  // "15/08/1994"

    std::size_t samples() const { return signals.empty() ? 0 : signals.front().samples.size(); }
};

// The signals at these positions of a WFDB record, samples [from, to) at the signals' own rate,
// which they must share. Nothing when the segments of the record store a signal with different
// gains, baselines or units: then there is no one scale to keep. Errors: InputError as of the
// record's cursor.
std::optional<DigitalRecording> read_digital(const std::filesystem::path& header,
                                             std::span<const std::size_t> positions,
                                             std::uint64_t from, std::uint64_t to);

// Rounds to 1/units_per_millivolt, or 1/units of the lead's own unit where that is not one of
// voltage. Errors: InputError naming lead, sample and value where 32 bits do not hold it, leads of
// different length, or a rate or resolution that is none.
DigitalRecording quantise(const Recording& recording, double units_per_millivolt);

// The largest |value − its digital neighbour| over all leads; what quantise() lost.
double largest_difference(const Recording& recording, const DigitalRecording& digital);

// Refuses samples outside [low, high], naming lead, sample, value and limit, and suggests another
// resolution. `target` is for the message: "WFDB format 212".
void check_digital_limits(const DigitalRecording& recording, std::int32_t low, std::int32_t high,
                          const std::string& target);

}  // namespace clef
