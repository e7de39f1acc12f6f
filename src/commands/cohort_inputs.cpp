#include "commands/cohort_inputs.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/progress.hpp"

namespace clef {
namespace {

// Only the rows that this recipe can use; the others go to `skipped`.
Cohort usable_rows(const Cohort& cohort, const Recipe& recipe, const EmbedOptions& options,
                   std::vector<std::pair<std::string, std::string>>& skipped) {
    Cohort kept = cohort;
    kept.rows.clear();
    Progress progress("checking", cohort.rows.size(), "recordings");
    prepare_recordings(cohort, Preprocessor(recipe), options, [&](const PreparedRecording& one) {
        const CohortRow& row = cohort.rows[one.cohort_row];
        if (one.trouble.empty()) {
            kept.rows.push_back(row);
        } else {
            skipped.emplace_back(row.record, one.trouble);
        }
        progress.add();
    });
    if (kept.rows.empty()) {
        fail_nothing_embedded(cohort.source, cohort.rows.size(),
                              skipped.empty() ? "" : skipped.front().second);
    }
    return kept;
}

}  // namespace

std::string Contender::full_name() const {
    return random ? fmt::format("{}, seed {}", name, seed) : name;
}

Contender random_contender(const Model& like, std::uint64_t seed) {
    Model model = empty_model(like.architecture, model_input_leads(like));
    set_model_config(model, model_config(like));
    draw_weights(model, seed);
    model.recipe = like.recipe;
    model.provenance = nlohmann::json::object();
    return {"random weights", std::move(model), true, seed};
}

CohortInputs::CohortInputs(const Cohort& cohort, const std::vector<Recipe>& recipes,
                           EmbedOptions options, std::size_t most_windows)
    : cohort_(cohort),
      options_(std::move(options)),
      most_windows_(most_windows),
      skipped_(cohort.skipped) {
    if (options_.skip_bad) {
        std::vector<Recipe> seen;
        for (const Recipe& recipe : recipes) {
            if (std::find(seen.begin(), seen.end(), recipe) != seen.end()) continue;
            cohort_ = usable_rows(cohort_, recipe, options_, skipped_);
            seen.push_back(recipe);
        }
    }
    cohort_.skipped.clear();
    options_.skip_bad = false;
    options_.mean = true;
}

const FloatMatrix& CohortInputs::embeddings(const Contender& contender) {
    const auto known = embeddings_.find(&contender);
    if (known != embeddings_.end()) return known->second;
    const Embeddings embeddings = embed_cohort(cohort_, Session(contender.model),
                                               Preprocessor(contender.model.recipe), options_);
    FloatMatrix matrix;
    matrix.rows = embeddings.rows.size();
    matrix.columns = embeddings.dimensions;
    matrix.values = embeddings.values;
    return embeddings_[&contender] = std::move(matrix);
}

const WindowSet& CohortInputs::windows(const Recipe& recipe) {
    if (windows_recipe_ != recipe) {
        windows_ = {};
        windows_ = collect_windows(cohort_, Preprocessor(recipe), options_, most_windows_);
        windows_recipe_ = recipe;
    }
    return windows_;
}

const TimeSteps& CohortInputs::time_steps(const Contender& contender) {
    if (steps_of_ != &contender) {
        steps_ = {};
        steps_ = collect_time_steps(cohort_, Session(contender.model),
                                    Preprocessor(contender.model.recipe), options_, most_windows_);
        steps_of_ = &contender;
    }
    return steps_;
}

}  // namespace clef
