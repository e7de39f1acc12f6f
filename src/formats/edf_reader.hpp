// EDF, EDF+ and BDF files behind the interface of all formats: signals of several rates, gaps of
// EDF+D as missing samples, annotations.
#pragma once

#include "formats/ecg_reader.hpp"

namespace clef {

// Recognises EDF and BDF by their first 256 bytes.
//
// A digital value v is read as physical_minimum + (v − digital_minimum) · (physical_maximum −
// physical_minimum) / (digital_maximum − digital_minimum), outside the digital range too: some
// writers state the calibration there rather than the limits. The lowest value of the format
// (−32768; BDF −8388608) is a missing sample where it lies below the digital minimum: so converters
// from WFDB write them.
EcgFormat edf_format();

}  // namespace clef
