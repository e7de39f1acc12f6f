// Any folder of recordings: every file below it that is of a format this program reads, found by
// its content, sorted by path, each its own patient, without labels and splits. A start for a table
// of one's own. What cannot be read is left out and listed in Cohort::skipped, or, when
// IndexOptions::strict, an InputError.
//
// Columns: leads (the ECG leads), format, sampling_rate_hz, samples, seconds (of the recording: a
// note, not duration_s, which would restrict what is read); age and sex where the header's comments
// have them (header_comments.hpp).
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset folder_dataset();

}  // namespace clef
