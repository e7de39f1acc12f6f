#include "training/objective.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "training/clef_objective.hpp"
#include "training/info_nce_objective.hpp"

namespace clef {

std::vector<std::string> objective_names() {
    return {"clef", "infonce"};
}

std::unique_ptr<Objective> make_objective(const ObjectiveOptions& options) {
    if (options.name == "clef") return make_clef_objective(options);
    if (options.name == "infonce") return make_info_nce_objective(options);
    fail_input("objective.name '{}' is not known.{}", options.name,
               suggestion(options.name, objective_names()));
}

}  // namespace clef
