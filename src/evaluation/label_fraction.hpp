// Which training rows count when only a fraction of the patients may show their answers: for
// label-efficiency curves.
//
// Patients are drawn, not rows. Each patient has a stratum: the rarest class (among the training
// patients) that any of its rows has, or none; for a regression the fifth of the patients by mean
// value. Within a stratum patients are ordered by a hash of (seed, patient), and the j-th of n
// stands at (j + ½)/n of the way; a fraction takes the patients that come first over all strata. So
// a smaller fraction's patients are among a larger one's, and each stratum keeps its share as
// nearly as whole patients allow. At least one patient is taken. Deterministic.
#pragma once

#include <cstdint>
#include <vector>

#include "evaluation/scoring.hpp"

namespace clef {

// The answered training rows of that fraction of their patients, in order. InputError for a
// fraction that is not above 0 and at most 1.
std::vector<std::size_t> training_rows(const EvaluationRows& rows, const Targets& targets,
                                       double fraction = 1, std::uint64_t seed = 0);

}  // namespace clef
