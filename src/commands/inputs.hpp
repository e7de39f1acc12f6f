// Turning what stands on the command line into a cohort.
#pragma once

#include <string>
#include <vector>

#include "cohort/cohort.hpp"

namespace clef {

// Whether a file is a cohort table rather than a recording: a .csv whose first line names a column
// `record`, or that is no recording either.
bool is_cohort_table(const std::string& input);

// A cohort table (.csv), recordings, or folders of recordings of any format (found as `clef index`
// finds them, folder_files.hpp), in any mixture; tables and recordings may not be mixed. InputError
// names what cannot be used. skip_bad: as read_cohort.
Cohort gather_inputs(const std::vector<std::string>& inputs, bool skip_bad = false);

}  // namespace clef
