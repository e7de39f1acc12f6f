// Plain InfoNCE: every negative weighs the same. Behind a projection head it is SimCLR (Chen 2020),
// whose name for it is NT-Xent.
#pragma once

#include "training/objective.hpp"

namespace clef {

std::unique_ptr<Objective> make_info_nce_objective(const ObjectiveOptions& options);

}  // namespace clef
