// Writes a recording as a WFDB record: NAME.hea and NAME.dat in signal format 16 (two's-complement
// 16 bit, little-endian, interleaved).
// Source: WFDB Applications Guide, header(5) and signal(5).
#pragma once

#include <filesystem>

#include "formats/recording.hpp"

namespace clef {

// `record` is folder/name without extension; the name may hold letters, digits, '_' and '-'.
// Samples are rounded to 1/units_per_millivolt (of the lead's own unit, where that is not
// millivolts); NaN becomes the invalid-sample code. Initial values and checksums are those of the
// samples written. Both files appear atomically, the header last.
// Errors: InputError when a name, label or comment cannot be written, when leads differ in length,
// or when a sample does not fit 16 bits at this resolution (names lead, sample, value and limit).
void write_wfdb(const std::filesystem::path& record, const Recording& recording,
                double units_per_millivolt = 1000.0);

}  // namespace clef
