// The critical-difference diagram (Demšar 2006, figure 1): methods on an axis of mean ranks, the
// best on the left, those that cannot be told apart joined by a bar. Pure.
#pragma once

#include <string>
#include <vector>

#include "evaluation/rank_statistics.hpp"

namespace clef {

// `names` is parallel to the comparison's ranks.
std::string rank_chart(const RankComparison& comparison, const std::vector<std::string>& names);

}  // namespace clef
