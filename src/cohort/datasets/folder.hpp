// Any folder of WFDB records: every *.hea below it, sorted by path, each its own patient, without
// labels and splits. A start for a table of one's own.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset folder_dataset();

}  // namespace clef
