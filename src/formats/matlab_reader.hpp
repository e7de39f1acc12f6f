// MATLAB files without a WFDB header as recordings: one matrix of numbers, leads × samples or
// samples × leads (matrix_layout.hpp), and what else the file says in variables of usual names: the
// sampling rate (fs, Fs, sampling_rate, …), the unit (unit, units).
#pragma once

#include "formats/ecg_reader.hpp"

namespace clef {

// Recognises level 5 and 7.3 by their text and byte-order mark, level 4 by a plausible header.
// Errors: InputError; where several matrices could be the recording it lists them and names
// --variable.
EcgFormat matlab_format();

}  // namespace clef
