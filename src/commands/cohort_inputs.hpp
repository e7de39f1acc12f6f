// What the protocols of an evaluation need of a cohort's recordings, made when first asked for:
// embeddings, windows, time steps. The rows are the same for every encoder.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "encoder/model.hpp"
#include "evaluation/window_set.hpp"
#include "runtime/embed.hpp"

namespace clef {

struct Contender {
    std::string name;  // as the report calls it
    Model model;
    bool random = false;     // drawn weights: a baseline
    std::uint64_t seed = 0;  // of the draw

    std::string full_name() const;  // "random weights, seed 2"
};

// Random weights of the same architecture and recipe.
Contender random_contender(const Model& like, std::uint64_t seed);

// Not thread-safe. Windows and time steps, which are large, are kept for one recipe and one encoder
// at a time.
class CohortInputs {
  public:
    // most_windows: of a long recording, for windows and time steps (0: all); embeddings are means
    // over all. Recordings that one of the recipes cannot use are an InputError, or with skip_bad
    // left out and listed.
    CohortInputs(const Cohort& cohort, const std::vector<Recipe>& recipes, EmbedOptions options,
                 std::size_t most_windows = 0);

    const Cohort& cohort() const { return cohort_; }  // the rows that are used
    const std::vector<std::pair<std::string, std::string>>& skipped() const { return skipped_; }

    // Parallel to cohort().rows; one embedding per recording, the mean over its windows.
    const FloatMatrix& embeddings(const Contender& contender);
    const WindowSet& windows(const Recipe& recipe);
    const TimeSteps& time_steps(const Contender& contender);

  private:
    Cohort cohort_;
    EmbedOptions options_;
    std::size_t most_windows_;
    std::vector<std::pair<std::string, std::string>> skipped_;
    std::map<const Contender*, FloatMatrix> embeddings_;
    std::optional<Recipe> windows_recipe_;
    WindowSet windows_;
    const Contender* steps_of_ = nullptr;
    TimeSteps steps_;
};

}  // namespace clef
