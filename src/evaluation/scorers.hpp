// How each kind of task is scored on one weighting of its test rows; used by scoring.cpp alone.
// Everything that does not depend on the weights (sorting, thresholds, losses) is done once, so
// that a bootstrap resample costs one pass per class.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "evaluation/scoring.hpp"

namespace clef {

// Whether a row is of a class: 1, 0, or −1 where it has no answer.
Label label_of(const Targets& targets, std::size_t row, std::size_t class_index);

class Scorer {
  public:
    virtual ~Scorer() = default;

    virtual const std::vector<std::string>& metrics() const = 0;
    // Classes with an AUROC and an AUPRC of their own.
    virtual std::size_t classes() const { return 0; }
    // Values: the metrics, then each class's AUROC, then each class's AUPRC; NaN where undefined.
    virtual void evaluate(Weights weights, std::span<double> values) const = 0;
    // Which classes a macro mean is over; empty for a metric that is none.
    virtual std::vector<bool> macro_members(const std::string&) const { return {}; }
    // Everything of a class that needs no bootstrap.
    virtual ClassResult describe_class(std::size_t) const { return {}; }
};

std::unique_ptr<Scorer> make_scorer(const Matrix& predictions, const Targets& targets,
                                    std::span<const std::size_t> validation,
                                    std::span<const std::size_t> test,
                                    const ScoringOptions& options);

}  // namespace clef
