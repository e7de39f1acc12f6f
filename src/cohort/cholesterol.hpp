// Cholesterol that a cohort gives in mg/dL, or in a column without a unit.
//
//   total_cholesterol_mg_dl, hdl_mg_dl   the name says the unit: mmol/L = mg/dL ÷ 38.67, the
//                                        molar mass of cholesterol (386.7 g/mol) in other units
//   total_cholesterol, hdl               only with a unit given by the caller; never guessed
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/cohort.hpp"

namespace clef {

enum class CholesterolUnit { millimoles_per_litre, milligrams_per_decilitre };

// "mmol/L", "mg/dL", in any case.
std::optional<CholesterolUnit> parse_cholesterol_unit(std::string_view name);
std::vector<std::string> cholesterol_unit_names();
double cholesterol_in_mmol_l(double value, CholesterolUnit unit);

// Fills total_cholesterol_mmol_l and hdl_mmol_l of the rows from those columns, which stay as they
// are, and returns how many values it took over. A value that cannot be becomes the row's
// `impossible`. InputErrors, naming file, line and column: a cell that is no number; a value that
// contradicts another column's by more than 1 %; a unit given where no column lacks one.
std::size_t read_cholesterol(Cohort& cohort, std::optional<CholesterolUnit> plain = {});

}  // namespace clef
