// Several methods over several tasks by their ranks: Friedman's test and Nemenyi's critical
// difference, as Demšar (2006) puts them together in the critical-difference diagram.
//
//   Demšar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7 (2006),
//   sections 3.2.2 and 3.2.3. Friedman's χ² with the correction for ties as in SciPy's
//   friedmanchisquare. CD = q √(k (k + 1) / (6 N)) for k methods on N tasks, q the studentized
//   range's upper quantile for k groups and infinite degrees of freedom, divided by √2.
//
// Pure and thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "evaluation/matrix.hpp"

namespace clef {

struct RankComparison {
    std::size_t tasks = 0;
    std::vector<double> ranks;  // of each method, its mean over the tasks; 1 is best, ties share
    double chi_squared = 0;     // Friedman, k − 1 degrees of freedom; 0 where all are always tied
    double p_value = 1;
    double critical_difference = 0;  // of two mean ranks, Nemenyi
    double significance = 0.05;
};

// `scores`: tasks × methods, higher is better, all finite. At least two of each (InputError).
RankComparison compare_ranks(const Matrix& scores, double significance = 0.05);

// Groups of methods that cannot be told apart: each a longest run, in order of rank, whose ends lie
// within the critical difference; indices of methods, best first. Runs of one are left out.
std::vector<std::vector<std::size_t>> indistinct_groups(const RankComparison& comparison);

// P(χ² of so many degrees of freedom ≥ x).
double chi_squared_tail(double x, double degrees);
// The upper quantile of the range of k independent standard normal numbers.
double studentized_range_quantile(std::size_t groups, double upper_tail);

}  // namespace clef
