// What a run is judged by while it goes on: the loss on patients held out (split "val"), and a
// quick linear probe of a task. Neither touches the test patients.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cohort/task.hpp"
#include "evaluation/scoring.hpp"
#include "training/learner.hpp"

namespace clef {

// The objective's loss on the validation patients. Views and batches are the same every time, so
// that one validation can be compared with the next. The loss of a contrast depends on the size of
// its batch: with fewer patients than a batch it is over all of them, and lower than in training.
class HeldOutLoss {
  public:
    // InputError where the cohort has fewer than two patients with split "val".
    HeldOutLoss(const Cohort& cohort, const Recipe& recipe, WindowStoreOptions store,
                PretrainOptions options, const Learner& learner);

    // "validation_loss" and "validation_" + each part, means over the batches.
    std::map<std::string, double> measure(Learner& learner) const;

  private:
    WindowStore store_;
    BatchMaker batches_;
    BeatTargets beats_;
};

// A linear probe (evaluation/probe.hpp) on the cohort's own labels: fitted to part of the training
// rows, its settings chosen on the others (a fifth of the patients), scored on the validation rows.
class QuickProbe {
  public:
    // At most `most_rows` recordings of each split, evenly chosen, with an answer. InputError where
    // a split has none, or the cohort lacks the label.
    QuickProbe(const Cohort& cohort, const Task& task, std::size_t most_rows, unsigned threads);

    // "probe_" + the task's metric; NaN where it is not defined.
    std::map<std::string, double> measure(const Model& model) const;
    std::string key() const { return "probe_" + task_.metric; }
    bool lower_is_better() const;

  private:
    Cohort cohort_;
    Task task_;
    unsigned threads_;
};

}  // namespace clef
