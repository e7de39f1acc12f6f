// How a recording is laid out in EDF: the length of its data records and the calibration of its
// signals, both chosen so that as little as possible is lost to EDF's eight-character numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "formats/digital_recording.hpp"

namespace clef {

struct EdfRecordLayout {
    int samples = 0;   // of one signal per data record
    int duration = 0;  // of a data record, in units of 10 µs, as EDFlib takes it
    double sampling_rate = 0;
    std::size_t records = 0;
    std::size_t samples_added = 0;  // to fill the last record
};

// Records of one second where they hold the rate and the length exactly; else of 0.1 to 60 seconds,
// with the fewest samples added, nearest to one second. At least `fewest_records` of them: each has
// room for only so many annotations. Nothing when no such record has this rate to within 1e-6 of
// it.
std::optional<EdfRecordLayout> edf_record_layout(double sampling_rate, std::size_t samples,
                                                 std::size_t signals,
                                                 std::size_t fewest_records = 1);

struct EdfCalibration {
    int digital_minimum = -32768;
    int digital_maximum = 32767;
    double physical_minimum = 0;
    double physical_maximum = 0;
};

// Limits that hold every sample (which must fit 16 bits); exact in eight characters where a decimal
// step of the physical unit is a whole number of digital steps.
EdfCalibration edf_calibration(const DigitalSignal& signal);

// The physical value that a reader makes of a digital one.
double edf_physical(const EdfCalibration& calibration, std::int32_t digital);

}  // namespace clef
