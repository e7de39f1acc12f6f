// The reserved columns of the cohort table: one list that reading, writing and Cohort::cell share.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/cohort.hpp"

namespace clef {

struct ReservedColumn {
    std::string name;
    // Puts a trimmed, non-empty cell into the row; returns false when it is not what `expected`
    // says.
    std::function<bool(CohortRow&, std::string_view)> set;
    // The cell as text, "" when missing.
    std::function<std::string(const CohortRow&)> get;
    std::string expected;
};

// In the order in which they are written. Made once, read-only.
const std::vector<ReservedColumn>& reserved_columns();
const ReservedColumn* find_reserved(std::string_view name);  // nullptr when not reserved
std::vector<std::string> reserved_names();

}  // namespace clef
