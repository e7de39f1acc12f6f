// Results on the disk, so that an interrupted benchmark goes on where it stopped: for each unit a
// .json (what it is of, how it was come by) and a .csv (the predictions of every recording). The
// scores are computed again from the predictions, which takes no time beside making them.
//
// A stored result counts only where its key is the same: a digest of everything that it depends on.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "commands/evaluation_run.hpp"

namespace clef {

class StoredResults {
  public:
    // `plan` and `cohort` (the rows that are used) outlive this. about: what all results depend on
    // beside their tasks (cohort, options, program); models: what stands for each contender's
    // weights, parallel to the plan's.
    StoredResults(std::filesystem::path folder, const EvaluationPlan& plan, const Cohort& cohort,
                  nlohmann::json about, std::vector<std::string> models);

    // Nothing where there is none, or one of another key.
    std::optional<TaskResult> load(const EvaluationUnit& unit) const;
    // Atomic: the .json, which makes it count, is written last.
    void save(const EvaluationUnit& unit, const TaskResult& result) const;

  private:
    std::filesystem::path file_of(const EvaluationUnit& unit) const;  // without an extension
    std::string key_of(const EvaluationUnit& unit) const;

    std::filesystem::path folder_;
    const EvaluationPlan& plan_;
    const Cohort& cohort_;
    nlohmann::json about_;
    std::vector<std::string> models_;
};

// A task with everything that its numbers depend on.
nlohmann::json task_json(const Task& task);

}  // namespace clef
