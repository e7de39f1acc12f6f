// From recordings to patients, and from embeddings to predicted risks: the inputs of geometry.cpp.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.hpp"
#include "evaluation/geometry.hpp"
#include "evaluation/linear_head.hpp"
#include "evaluation/ridge.hpp"

namespace clef {

namespace {

constexpr std::size_t fewest_patients = 20;

struct Mean {
    double sum = 0;
    double count = 0;
    void add(const std::optional<double>& value) {
        if (!value) return;
        sum += *value;
        ++count;
    }
    double value() const {
        return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
    }
};

struct Patient {
    std::vector<std::size_t> rows;
    Mean risk, age, missing;
    int sex = -1;
};

std::vector<double> mean_row(const FloatMatrix& embeddings, const std::vector<std::size_t>& rows) {
    std::vector<double> mean(embeddings.columns, 0.0);
    for (const std::size_t row : rows) {
        for (std::size_t k = 0; k < mean.size(); ++k) {
            mean[k] += embeddings.at(row, k) / static_cast<double>(rows.size());
        }
    }
    return mean;
}

void check_patients(const GeometryPatients& patients, const std::string& source) {
    const std::size_t count = patients.risk.size();
    if (count < fewest_patients) {
        fail_input(
            "{}: {} patients have a risk, and geometry needs at least {}; `clef risk` fills "
            "the column in",
            source, count, fewest_patients);
    }
    const auto [low, high] = std::minmax_element(patients.risk.begin(), patients.risk.end());
    if (*low == *high) fail_input("{}: all patients have the same risk, {}", source, *low);
}

std::vector<std::size_t> rows_where(std::span<const std::size_t> fold_of_row, auto wanted) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < fold_of_row.size(); ++i) {
        if (wanted(fold_of_row[i])) rows.push_back(i);
    }
    return rows;
}

// Ridge regression on standardised rows, ready for any penalty.
class Fit {
  public:
    Fit(const FloatMatrix& features, std::span<const double> targets,
        const std::vector<std::size_t>& rows)
        : features_(features),
          scaling_(make_scaling(features, rows, true)),
          problem_(scaled_rows(features, rows, scaling_), at(targets, rows)) {}

    std::vector<double> predict(double penalty, const std::vector<std::size_t>& rows) const {
        const RidgeModel model = problem_.fit(penalty);
        const Matrix scaled = scaled_rows(features_, rows, scaling_);
        std::vector<double> result;
        for (std::size_t i = 0; i < rows.size(); ++i)
            result.push_back(model.predict(scaled.row(i)));
        return result;
    }

    static std::vector<double> at(std::span<const double> values,
                                  const std::vector<std::size_t>& rows) {
        std::vector<double> result;
        for (const std::size_t row : rows) result.push_back(values[row]);
        return result;
    }

  private:
    const FloatMatrix& features_;
    Scaling scaling_;
    RidgeProblem problem_;
};

double best_penalty(const Fit& fit, std::span<const double> targets,
                    const std::vector<std::size_t>& validation, std::span<const double> penalties) {
    double best = penalties[0];
    double lowest = std::numeric_limits<double>::infinity();
    for (const double penalty : penalties) {
        const auto predicted = fit.predict(penalty, validation);
        double error = 0;
        for (std::size_t i = 0; i < validation.size(); ++i) {
            error += std::pow(predicted[i] - targets[validation[i]], 2);
        }
        if (error >= lowest) continue;
        lowest = error;
        best = penalty;
    }
    return best;
}

}  // namespace

GeometryPatients geometry_patients(const Cohort& cohort, const FloatMatrix& embeddings) {
    assert(cohort.rows.size() == embeddings.rows);
    std::map<std::string, std::size_t> number;
    std::vector<std::string> names;
    std::vector<Patient> found;
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        const CohortRow& row = cohort.rows[i];
        const auto [at, added] = number.emplace(row.patient_id, found.size());
        if (added) {
            found.emplace_back();
            names.push_back(row.patient_id);
        }
        Patient& patient = found[at->second];
        patient.rows.push_back(i);
        patient.risk.add(row.risk);
        patient.age.add(row.factors.age);
        patient.missing.add(row.missing);
        if (row.factors.sex && patient.sex < 0) patient.sex = static_cast<int>(*row.factors.sex);
    }
    GeometryPatients result;
    result.embeddings.columns = embeddings.columns;
    for (std::size_t p = 0; p < found.size(); ++p) {
        const Patient& patient = found[p];
        if (std::isnan(patient.risk.value())) {
            ++result.without_risk;
            continue;
        }
        result.names.push_back(names[p]);
        result.risk.push_back(patient.risk.value());
        result.age.push_back(patient.age.value());
        result.missing.push_back(patient.missing.count > 0 ? patient.missing.value() : 0);
        result.sex.push_back(patient.sex);
        for (const double value : mean_row(embeddings, patient.rows)) {
            result.embeddings.values.push_back(static_cast<float>(value));
        }
        ++result.embeddings.rows;
    }
    check_patients(result, cohort.source);
    return result;
}

std::vector<double> cross_validated_ridge(const FloatMatrix& features,
                                          std::span<const double> targets,
                                          std::span<const std::size_t> fold_of_row,
                                          std::size_t folds, std::span<const double> penalties) {
    std::vector<double> result(targets.size());
    for (std::size_t fold = 0; fold < folds; ++fold) {
        const std::size_t next = (fold + 1) % folds;
        const auto test = rows_where(fold_of_row, [&](std::size_t f) { return f == fold; });
        const auto validation = rows_where(fold_of_row, [&](std::size_t f) { return f == next; });
        const auto inner =
            rows_where(fold_of_row, [&](std::size_t f) { return f != fold && f != next; });
        const auto outer = rows_where(fold_of_row, [&](std::size_t f) { return f != fold; });
        const double penalty =
            best_penalty(Fit(features, targets, inner), targets, validation, penalties);
        const auto predicted = Fit(features, targets, outer).predict(penalty, test);
        for (std::size_t i = 0; i < test.size(); ++i) result[test[i]] = predicted[i];
    }
    return result;
}

}  // namespace clef
