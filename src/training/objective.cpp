#include "training/objective.hpp"

#include "training/byol_objective.hpp"
#include "training/clef_objective.hpp"
#include "training/info_nce_objective.hpp"
#include "training/moco_objective.hpp"
#include "training/vicreg_objective.hpp"

namespace clef {

std::unique_ptr<Objective> make_objective(const ObjectiveOptions& options,
                                          const ObjectiveSetting& setting) {
    check_objective(options);
    if (options.name == "moco") return make_moco_objective(options, setting);
    if (options.name == "byol") return make_byol_objective(options, setting);
    if (options.name == "vicreg") return make_vicreg_objective(options);
    if (options.name == "clef") return make_clef_objective(options);
    return make_info_nce_objective(options);  // infonce, simclr
}

}  // namespace clef
