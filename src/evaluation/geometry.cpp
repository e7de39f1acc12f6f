#include "evaluation/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "base/random.hpp"
#include "evaluation/geometry_pairs.hpp"
#include "evaluation/metrics.hpp"
#include "evaluation/neighbours.hpp"
#include "evaluation/projection.hpp"
#include "evaluation/rank_correlation.hpp"

namespace clef {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t folds = 5;
constexpr double penalties[] = {0.1, 1, 10, 100, 1e3, 1e4, 1e5};

// ---- strata ----

std::vector<std::int64_t> age_bands(const GeometryPatients& patients, double width, bool by_sex) {
    std::vector<std::int64_t> bands;
    for (std::size_t i = 0; i < patients.age.size(); ++i) {
        const bool known = !std::isnan(patients.age[i]) && (!by_sex || patients.sex[i] >= 0);
        const auto band =
            known ? static_cast<std::int64_t>(std::floor(patients.age[i] / width)) : -1;
        bands.push_back(known && by_sex ? 2 * band + patients.sex[i] : band);
    }
    return bands;
}

// ---- thirds of the risks ----

std::vector<double> thirds_of(std::vector<double> risks) {
    std::sort(risks.begin(), risks.end());
    return {risks[risks.size() / 3], risks[2 * risks.size() / 3]};
}

std::vector<int> classes_of(std::span<const double> risks, const std::vector<double>& thirds) {
    std::vector<int> classes;
    for (const double risk : risks) classes.push_back((risk >= thirds[0]) + (risk >= thirds[1]));
    return classes;
}

std::vector<std::uint32_t> chosen_queries(std::size_t patients, const GeometryOptions& options) {
    std::vector<std::uint32_t> queries(patients);
    std::iota(queries.begin(), queries.end(), 0U);
    if (options.queries == 0 || patients <= options.queries) return queries;
    const auto order = Random(options.bootstrap.seed, "neighbour queries").permutation(patients);
    queries.clear();
    for (std::size_t i = 0; i < options.queries; ++i) {
        queries.push_back(static_cast<std::uint32_t>(order[i]));
    }
    std::sort(queries.begin(), queries.end());
    return queries;
}

// ---- risk from the embedding ----

std::vector<double> predicted_risks(const GeometryPatients& patients, std::uint64_t seed) {
    const auto order = Random(seed, "geometry folds").permutation(patients.risk.size());
    std::vector<std::size_t> fold_of_row(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) fold_of_row[order[k]] = k % folds;
    return cross_validated_ridge(patients.embeddings, patients.risk, fold_of_row, folds, penalties);
}

// Correlation of predicted with true risk among patients of the same age band.
class PredictionWithinAge {
  public:
    PredictionWithinAge(const GeometryPatients& patients, std::span<const double> predicted,
                        std::span<const std::int64_t> bands)
        : correlation_(select(patients, predicted, bands)) {}

    double evaluate(Weights weights) const {
        std::vector<double> counts;
        for (const std::size_t row : rows_) counts.push_back(weights.empty() ? 1 : weights[row]);
        return correlation_.evaluate(counts).value_or(not_a_number);
    }

  private:
    RankCorrelation select(const GeometryPatients& patients, std::span<const double> predicted,
                           std::span<const std::int64_t> bands) {
        std::vector<double> x, y;
        std::vector<std::uint32_t> strata;
        for (std::size_t i = 0; i < bands.size(); ++i) {
            if (bands[i] < 0) continue;
            rows_.push_back(i);
            x.push_back(predicted[i]);
            y.push_back(patients.risk[i]);
            strata.push_back(static_cast<std::uint32_t>(bands[i]));
        }
        return {x, y, strata};
    }

    std::vector<std::size_t> rows_;
    RankCorrelation correlation_;
};

const std::vector<std::pair<const char*, const char*>> value_names = {
    {"distance_risk", "distance–risk correlation"},
    {"distance_risk_within_age", "distance–risk correlation within age bands"},
    {"distance_risk_within_age_and_sex", "distance–risk correlation within age bands and sex"},
    {"neighbour_purity", "neighbours in the same third of risk"},
    {"neighbour_chance", "the same of neighbours drawn at random"},
    {"neighbour_excess", "neighbour purity above chance"},
    {"ridge_r2", "risk from the embedding, R²"},
    {"ridge_pearson", "risk from the embedding, Pearson's r"},
    {"ridge_within_age", "risk from the embedding within age bands, Spearman's ρ"},
};

// Everything that a resample is measured by.
class Measures {
  public:
    Measures(const GeometryPatients& patients, const GeometryOptions& options,
             const std::vector<double>& thirds)
        : patients_(patients),
          options_(options),
          unit_(unit_rows_of(patients.embeddings, options.centre)),
          bands_(age_bands(patients, options.age_band, false)),
          sex_bands_(age_bands(patients, options.age_band, true)),
          all_(patients, unit_, std::vector<std::int64_t>(patients.risk.size(), 0), options),
          within_age_(patients, unit_, bands_, options),
          within_both_(patients, unit_, sex_bands_, options),
          curve_(all_),
          classes_(classes_of(patients.risk, thirds)),
          neighbours_(nearest_neighbours(unit_, chosen_queries(patients.risk.size(), options),
                                         5 * options.neighbours + 50, options.bootstrap.threads)),
          predicted_(predicted_risks(patients, options.bootstrap.seed)),
          prediction_within_age_(patients, predicted_, bands_) {}

    std::size_t size() const { return value_names.size() + curve_.centres().size(); }

    void operator()(Weights weights, std::span<double> values) const {
        const std::vector<double> pair_weights = all_.pair_weights(weights);
        values[0] = all_.evaluate(pair_weights);
        values[1] = within_age_.evaluate(within_age_.pair_weights(weights));
        values[2] = within_both_.evaluate(within_both_.pair_weights(weights));
        const Purity purity = neighbour_purity(neighbours_, classes_, options_.neighbours, weights);
        values[3] = purity.purity;
        values[4] = purity.chance;
        values[5] = purity.purity - purity.chance;
        const auto regression = regression_metrics(predicted_, patients_.risk, weights);
        values[6] = regression ? regression->r_squared.value_or(not_a_number) : not_a_number;
        values[7] = regression ? regression->pearson.value_or(not_a_number) : not_a_number;
        values[8] = prediction_within_age_.evaluate(weights);
        curve_.evaluate(pair_weights, values.subspan(value_names.size()));
    }

    void describe(Geometry& geometry) const {
        geometry.pairs = all_.counts();
        geometry.pairs_within_age = within_age_.counts();
        geometry.pairs_within_age_and_sex = within_both_.counts();
        geometry.queries = neighbours_.queries.size();
    }
    const std::vector<double>& curve_centres() const { return curve_.centres(); }

  private:
    const GeometryPatients& patients_;
    const GeometryOptions& options_;
    FloatMatrix unit_;
    std::vector<std::int64_t> bands_, sex_bands_;
    PairCorrelation all_, within_age_, within_both_;
    DistanceCurve curve_;
    std::vector<int> classes_;
    Neighbours neighbours_;
    std::vector<double> predicted_;
    PredictionWithinAge prediction_within_age_;
};

void check_options(const GeometryOptions& options) {
    if (!(options.age_band > 0)) fail_input("the age band must be wider than 0 years");
    if (options.neighbours < 1) fail_input("there must be at least 1 neighbour");
}

GeometryValue value_of(const Bootstrap& boot, std::size_t column, const std::string& name,
                       const std::string& title, double confidence) {
    GeometryValue value{name, title, boot.estimates[column], {}, boot.draws.column(column)};
    value.interval = percentile_interval(value.draws, confidence);
    return value;
}

}  // namespace

const GeometryValue& Geometry::value(const std::string& name) const {
    for (const GeometryValue& one : values) {
        if (one.name == name) return one;
    }
    fail_input("geometry has no value '{}'", name);
}

Geometry measure_geometry(const GeometryPatients& patients, const GeometryOptions& options) {
    check_options(options);
    Geometry geometry;
    geometry.patients = patients.risk.size();
    geometry.dimensions = patients.embeddings.columns;
    geometry.effective_rank = effective_rank(patients.embeddings);
    geometry.risk_thirds = thirds_of(patients.risk);
    const Measures measures(patients, options, geometry.risk_thirds);
    measures.describe(geometry);
    const Bootstrap boot =
        bootstrap(patients.names, measures.size(), std::cref(measures), options.bootstrap);
    for (std::size_t v = 0; v < value_names.size(); ++v) {
        const auto& [name, title] = value_names[v];
        geometry.values.push_back(value_of(boot, v, name, title, options.confidence));
    }
    for (std::size_t b = 0; b < measures.curve_centres().size(); ++b) {
        geometry.curve.push_back(
            {measures.curve_centres()[b],
             value_of(boot, value_names.size() + b, "", "", options.confidence)});
    }
    return geometry;
}

double cosine_distance(const FloatMatrix& unit_rows, std::size_t a, std::size_t b) {
    const auto first = unit_rows.row(a);
    const auto second = unit_rows.row(b);
    // In double, as far as float rows go: equal rows are at distance 0 up to 1e-7.
    double cosine = 0;
    for (std::size_t k = 0; k < first.size(); ++k) {
        cosine += static_cast<double>(first[k]) * static_cast<double>(second[k]);
    }
    return 1 - cosine;
}

FloatMatrix unit_rows_of(const FloatMatrix& embeddings, bool centre) {
    FloatMatrix result = embeddings;
    std::vector<double> mean(embeddings.columns, 0.0);
    for (std::size_t i = 0; centre && i < embeddings.rows; ++i) {
        for (std::size_t k = 0; k < mean.size(); ++k) {
            mean[k] += embeddings.at(i, k) / static_cast<double>(embeddings.rows);
        }
    }
    for (std::size_t i = 0; i < embeddings.rows; ++i) {
        double squares = 0;
        for (std::size_t k = 0; k < mean.size(); ++k) {
            squares += std::pow(embeddings.at(i, k) - mean[k], 2);
        }
        if (!(squares > 0) || !std::isfinite(squares)) {
            fail_input(
                "embedding {} has no direction: it is zero or holds a value that is not a "
                "finite number",
                i + 1);
        }
        const double length = std::sqrt(squares);
        for (std::size_t k = 0; k < mean.size(); ++k) {
            result.at(i, k) = static_cast<float>((embeddings.at(i, k) - mean[k]) / length);
        }
    }
    return result;
}

}  // namespace clef
