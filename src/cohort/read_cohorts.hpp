// Several cohort tables as one, for tasks that train on one data set and test on another.
#pragma once

#include <filesystem>
#include <span>

#include "cohort/cohort.hpp"

namespace clef {

// One table is read as it is. Several are joined (join_cohorts); a table whose column `dataset` has
// the same value in all rows gives its patients that name. Records become relative to the current
// folder. Errors: InputError as read_cohort, and for no table at all.
Cohort read_cohorts(std::span<const std::filesystem::path> paths, bool skip_bad = false);

}  // namespace clef
