// Plain InfoNCE (SimCLR's NT-Xent): every negative weighs the same.
#pragma once

#include "training/objective.hpp"

namespace clef {

std::unique_ptr<Objective> make_info_nce_objective(const ObjectiveOptions& options);

}  // namespace clef
