#include "pretraining/objective_options.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "clinical/dissimilarity.hpp"

namespace clef {

namespace {

void require(bool good, const char* trouble) {
    if (!good) fail_input("objective.{}", trouble);
}

}  // namespace

const std::vector<std::string>& objective_names() {
    static const std::vector<std::string> names = {"clef", "infonce", "simclr",
                                                   "moco", "byol",    "vicreg"};
    return names;
}

void check_objective(const ObjectiveOptions& options) {
    const auto& names = objective_names();
    if (std::find(names.begin(), names.end(), options.name) == names.end()) {
        fail_input("objective.name '{}' is not known.{}", options.name,
                   suggestion(options.name, names));
    }
    if (!parse_pair_form(options.form)) {
        fail_input("objective.form '{}' is not known.{}", options.form,
                   suggestion(options.form, pair_form_names()));
    }
    require(options.temperature > 0, "temperature must be above 0");
    require(options.alpha >= 0 && options.alpha <= 1, "alpha must be 0–1");
    require(options.risk_scale == "risk" || options.risk_scale == "rank",
            "risk_scale must be 'risk' or 'rank'");
    require(options.alignment_size <= 4096, "alignment_size must be 0–4096");
    require(options.alignment_weight >= 0, "alignment_weight must not be negative");
    require(options.queue >= 2 && options.queue <= 1'000'000, "queue must be 2–1000000");
    require(options.momentum >= 0 && options.momentum < 1, "momentum must be 0 to below 1");
    require(options.predictor_width >= 1 && options.predictor_width <= 65536,
            "predictor_width must be 1–65536");
    require(options.invariance_weight >= 0 && options.variance_weight >= 0 &&
                options.covariance_weight >= 0,
            "invariance_weight, variance_weight and covariance_weight must not be negative");
}

}  // namespace clef
