#include "evaluation/scorers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "evaluation/class_test.hpp"

namespace clef {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double weight_at(Weights weights, std::size_t row) {
    return weights.empty() ? 1.0 : static_cast<double>(weights[row]);
}

double weighted_mean(Weights weights, const std::vector<double>& values) {
    double sum = 0;
    double count = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        sum += weight_at(weights, i) * values[i];
        count += weight_at(weights, i);
    }
    return count > 0 ? sum / count : undefined;
}

// What multi-label and multi-class tasks share.
class ClassScorer : public Scorer {
  public:
    ClassScorer(const Matrix& predictions, const Targets& targets,
                std::span<const std::size_t> validation, std::span<const std::size_t> test,
                const ScoringOptions& options)
        : options_(options), tests_(targets.classes), enough_(targets.classes) {
        if (options.enough_positives != 10) {
            names_[1] = fmt::format("macro-auroc-{}", options.enough_positives);
        }
        for (std::size_t k = 0; k < targets.classes; ++k) {
            ClassTest& one = tests_[k];
            for (const std::size_t row : test) {
                one.probabilities.push_back(predictions.at(row, k));
                one.labels.push_back(label_of(targets, row, k));
                one.positives += one.labels.back() == 1;
            }
            one.ranked = RankedScores(one.probabilities, one.labels);
            for (const std::size_t row : validation) {
                one.validation_positives += label_of(targets, row, k) == 1;
            }
            enough_[k] = one.positives >= options.enough_positives;
        }
    }

    const std::vector<std::string>& metrics() const override { return names_; }
    std::size_t classes() const override { return tests_.size(); }

    void evaluate(Weights weights, std::span<double> values) const override {
        const std::size_t classes = tests_.size();
        std::vector<std::optional<double>> auroc(classes);
        std::vector<std::optional<double>> auprc(classes);
        std::vector<std::optional<double>> frequent;
        for (std::size_t k = 0; k < classes; ++k) {
            const RankingResult ranking = tests_[k].ranked.evaluate(weights);
            auroc[k] = ranking.auroc;
            // Without a negative every ranking is perfect: no class of the macro means.
            if (ranking.auroc) auprc[k] = ranking.average_precision;
            if (enough_[k]) frequent.push_back(auroc[k]);
            values[names_.size() + k] = auroc[k].value_or(undefined);
            values[names_.size() + classes + k] = auprc[k].value_or(undefined);
        }
        values[0] = macro_mean(auroc, options_.absent).value.value_or(undefined);
        values[1] = macro_mean(frequent, options_.absent).value.value_or(undefined);
        values[2] = macro_mean(auprc).value.value_or(undefined);
        decide(weights, auroc, values);
        values[6] = weighted_mean(weights, row_log_loss_);
        values[7] = weighted_mean(weights, row_brier_);
    }

    std::vector<bool> macro_members(const std::string& name) const override {
        if (name == names_[1]) return enough_;
        if (name.starts_with("macro-")) return std::vector<bool>(tests_.size(), true);
        return {};
    }

    ClassResult describe_class(std::size_t index) const override {
        const ClassTest& one = tests_[index];
        ClassResult result;
        result.validation_positives = one.validation_positives;
        result.test_positives = one.positives;
        result.test_negatives = one.labels.size() - one.positives;
        result.threshold = one.threshold;
        const auto [counts, calibration_error] = one.count({});
        if (one.positives > 0) result.f1 = counts.f1();
        result.balanced_accuracy = counts.balanced_accuracy();
        if (!std::isnan(calibration_error)) result.calibration_error = calibration_error;
        result.log_loss = log_loss(one.probabilities, one.labels);
        result.brier = brier_score(one.probabilities, one.labels);
        return result;
    }

  protected:
    // Fills values 3 (macro-f1), 4 (accuracy), 5 (balanced-accuracy) and 8 (ece).
    virtual void decide(Weights weights, std::span<const std::optional<double>> auroc,
                        std::span<double> values) const = 0;

    ScoringOptions options_;
    std::vector<std::string> names_ = {"macro-auroc", "macro-auroc-10", "macro-auprc",
                                       "macro-f1",    "accuracy",       "balanced-accuracy",
                                       "log-loss",    "brier",          "ece"};
    std::vector<ClassTest> tests_;
    std::vector<bool> enough_;
    std::vector<double> row_log_loss_;
    std::vector<double> row_brier_;
};

// Each class decided by its own threshold; accuracy counts the rows with every class right.
class MultiLabelScorer : public ClassScorer {
  public:
    MultiLabelScorer(const Matrix& predictions, const Targets& targets,
                     std::span<const std::size_t> validation, std::span<const std::size_t> test,
                     const ScoringOptions& options)
        : ClassScorer(predictions, targets, validation, test, options) {
        row_log_loss_.assign(test.size(), 0);
        row_brier_.assign(test.size(), 0);
        all_right_.assign(test.size(), 1);
        const double share = 1 / static_cast<double>(tests_.size());
        for (std::size_t k = 0; k < tests_.size(); ++k) {
            ClassTest& one = tests_[k];
            one.threshold = threshold_for(predictions, targets, validation, k);
            std::vector<bool> predicted;
            for (std::size_t i = 0; i < test.size(); ++i) {
                const double probability = one.probabilities[i];
                const bool positive = one.labels[i] == 1;
                predicted.push_back(probability >= *one.threshold);
                if (predicted.back() != positive) all_right_[i] = 0;
                row_log_loss_[i] += share * log_loss_of(probability, positive);
                row_brier_[i] += share * std::pow(probability - (positive ? 1 : 0), 2);
            }
            one.set_outcomes(predicted);
        }
    }

  protected:
    void decide(Weights weights, std::span<const std::optional<double>> auroc,
                std::span<double> values) const override {
        std::vector<std::optional<double>> f1(tests_.size());
        std::vector<std::optional<double>> balanced(tests_.size());
        std::vector<std::optional<double>> errors(tests_.size());
        for (std::size_t k = 0; k < tests_.size(); ++k) {
            if (!auroc[k]) continue;
            const auto [counts, calibration_error] = tests_[k].count(weights);
            f1[k] = counts.f1();
            balanced[k] = counts.balanced_accuracy();
            errors[k] = calibration_error;
        }
        values[3] = macro_mean(f1).value.value_or(undefined);
        values[4] = weighted_mean(weights, all_right_);
        values[5] = macro_mean(balanced).value.value_or(undefined);
        values[8] = macro_mean(errors).value.value_or(undefined);
    }

  private:
    static double threshold_for(const Matrix& predictions, const Targets& targets,
                                std::span<const std::size_t> validation, std::size_t class_index) {
        std::vector<double> probabilities;
        std::vector<Label> labels;
        for (const std::size_t row : validation) {
            probabilities.push_back(predictions.at(row, class_index));
            labels.push_back(label_of(targets, row, class_index));
        }
        return best_f1_threshold(probabilities, labels).value_or(0.5);
    }

    std::vector<double> all_right_;
};

// The most probable class is the answer.
class MulticlassScorer : public ClassScorer {
  public:
    MulticlassScorer(const Matrix& predictions, const Targets& targets,
                     std::span<const std::size_t> validation, std::span<const std::size_t> test,
                     const ScoringOptions& options)
        : ClassScorer(predictions, targets, validation, test, options) {
        const std::vector<int> answers = most_probable(predictions);
        for (const std::size_t row : test) {
            predicted_.push_back(answers[row]);
            truth_.push_back(targets.class_index[row]);
            double squares = 0;
            for (std::size_t k = 0; k < tests_.size(); ++k) {
                squares += std::pow(predictions.at(row, k) - label_of(targets, row, k), 2);
            }
            row_brier_.push_back(squares);
            const auto right = static_cast<std::size_t>(truth_.back());
            row_log_loss_.push_back(log_loss_of(predictions.at(row, right), true));
            const auto answer = static_cast<std::size_t>(predicted_.back());
            confidence_.probabilities.push_back(predictions.at(row, answer));
            confidence_.labels.push_back(answer == right ? 1 : 0);
        }
        for (std::size_t k = 0; k < tests_.size(); ++k) {
            std::vector<bool> called;
            for (const int answer : predicted_) called.push_back(answer == static_cast<int>(k));
            tests_[k].set_outcomes(called);
        }
        confidence_.set_outcomes(std::vector<bool>(test.size(), true));
    }

  protected:
    void decide(Weights weights, std::span<const std::optional<double>>,
                std::span<double> values) const override {
        const auto result = multiclass_metrics(predicted_, truth_, tests_.size(), weights);
        values[3] = result.macro_f1.value_or(undefined);
        values[4] = result.accuracy.value_or(undefined);
        values[5] = result.balanced_accuracy.value_or(undefined);
        values[8] = confidence_.count(weights).calibration_error;
    }

  private:
    ClassTest confidence_;  // the most probable class's, against whether it is right
    std::vector<int> predicted_;
    std::vector<int> truth_;
};

class RegressionScorer : public Scorer {
  public:
    RegressionScorer(const Matrix& predictions, const Targets& targets,
                     std::span<const std::size_t> test) {
        for (const std::size_t row : test) {
            predicted_.push_back(predictions.at(row, 0));
            truth_.push_back(targets.values[row]);
        }
    }

    const std::vector<std::string>& metrics() const override { return names_; }

    void evaluate(Weights weights, std::span<double> values) const override {
        const auto result = regression_metrics(predicted_, truth_, weights);
        values[0] = result ? result->mean_absolute_error : undefined;
        values[1] = result ? result->root_mean_squared_error : undefined;
        values[2] = result ? result->r_squared.value_or(undefined) : undefined;
        values[3] = result ? result->pearson.value_or(undefined) : undefined;
    }

  private:
    std::vector<std::string> names_ = {"mae", "rmse", "r2", "pearson"};
    std::vector<double> predicted_;
    std::vector<double> truth_;
};

}  // namespace

Label label_of(const Targets& targets, std::size_t row, std::size_t class_index) {
    if (targets.known[row] == 0) return -1;
    if (targets.kind == TaskKind::multi_label) {
        return targets.indicators[row * targets.classes + class_index] != 0 ? 1 : 0;
    }
    return targets.class_index[row] == static_cast<int>(class_index) ? 1 : 0;
}

std::unique_ptr<Scorer> make_scorer(const Matrix& predictions, const Targets& targets,
                                    std::span<const std::size_t> validation,
                                    std::span<const std::size_t> test,
                                    const ScoringOptions& options) {
    switch (targets.kind) {
        case TaskKind::multi_label:
            return std::make_unique<MultiLabelScorer>(predictions, targets, validation, test,
                                                      options);
        case TaskKind::multi_class:
            return std::make_unique<MulticlassScorer>(predictions, targets, validation, test,
                                                      options);
        case TaskKind::regression:
            break;
    }
    return std::make_unique<RegressionScorer>(predictions, targets, test);
}

}  // namespace clef
