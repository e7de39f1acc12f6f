// Which step of a run is the best by its validations, and when a run stops for want of a better
// one.
#pragma once

#include <cstdint>
#include <limits>

#include <nlohmann/json.hpp>

namespace clef {

class Selection {
  public:
    // patience: validations in a row without a better one before the run stops; 0: it never does.
    Selection(bool lower_is_better, int patience)
        : lower_is_better_(lower_is_better), patience_(patience) {}

    // True where `value` is the best so far. What is not a number never is.
    bool offer(double value, std::int64_t step);
    bool exhausted() const { return patience_ > 0 && since_best_ >= patience_; }

    std::int64_t best_step() const { return best_step_; }  // steps taken then; −1: none yet
    double best() const { return best_; }

    // For checkpoints; from_json() throws nlohmann's exceptions.
    nlohmann::json to_json() const;
    void from_json(const nlohmann::json& json);

  private:
    bool lower_is_better_;
    int patience_;
    double best_ = std::numeric_limits<double>::quiet_NaN();
    std::int64_t best_step_ = -1;
    int since_best_ = 0;
};

}  // namespace clef
