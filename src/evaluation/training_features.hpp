// What every linear model asks of the rows that it is fitted to.
#pragma once

#include "evaluation/matrix.hpp"

namespace clef {

// InputError where there is no row, or a value that is not finite (names feature and row, from 1).
void check_training_features(const Matrix& features);

}  // namespace clef
