#include "training/selection.hpp"

#include <cmath>

namespace clef {

bool Selection::offer(double value, std::int64_t step) {
    const bool better = !std::isnan(value) &&
                        (best_step_ < 0 || (lower_is_better_ ? value < best_ : value > best_));
    if (!better) {
        ++since_best_;
        return false;
    }
    best_ = value;
    best_step_ = step;
    since_best_ = 0;
    return true;
}

nlohmann::json Selection::to_json() const {
    return {{"best", best_step_ < 0 ? nlohmann::json() : nlohmann::json(best_)},
            {"best_step", best_step_},
            {"since_best", since_best_}};
}

void Selection::from_json(const nlohmann::json& json) {
    best_step_ = json.at("best_step").get<std::int64_t>();
    since_best_ = json.at("since_best").get<int>();
    if (best_step_ >= 0) best_ = json.at("best").get<double>();
}

}  // namespace clef
