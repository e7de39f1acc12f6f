// Does distance in the embedding follow clinical distance? Measured between patients, one embedding
// each (the mean over a patient's recordings), on those whose risk is known.
//
//   distance–risk correlation   Spearman correlation, over pairs of patients, of cosine distance
//                               with |difference of risk|
//   … within age bands          the same over pairs of the same band (band: age ÷ width, whole
//                               part), as the mean of the bands' coefficients weighted by their
//                               pairs: neither age nor a spread that differs from band to band
//                               makes it, beyond what age says within a band
//   … and sex                   bands of one sex
//   neighbour purity            share of the k nearest neighbours in the same third of the risks,
//                               and its excess over neighbours drawn at random
//   risk from the embedding     ridge regression on standardised embeddings, each patient predicted
//                               by a model that never saw it (five folds over patients, the penalty
//                               chosen on a fold of the rest): R², Pearson's r, and Spearman's
//                               correlation within age bands
//   effective rank              projection.hpp
//
// Intervals: percentile bootstrap over patients. A pair of patients drawn a and b times counts a·b
// times; pairs of a patient with itself do not exist, drawn twice or not. The folds' models are not
// fitted again in a resample. Where there are more pairs than `pairs`, so many are drawn once, by
// seed, the same for every model on the same patients, so that differences between models are
// paired. Computed in double; pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cohort/cohort.hpp"
#include "evaluation/bootstrap.hpp"
#include "evaluation/matrix.hpp"

namespace clef {

struct GeometryPatients {
    std::vector<std::string> names;
    FloatMatrix embeddings;        // one row per patient
    std::vector<double> risk;      // fraction; the mean over the patient's rows
    std::vector<double> age;       // years; NaN where not known
    std::vector<int> sex;          // as enum Sex; −1 where not known
    std::vector<double> missing;   // fraction of the attributes missing; 0 where not known
    std::size_t without_risk = 0;  // patients left out
};

// `embeddings` has one row per row of the cohort. InputError where fewer than 20 patients have a
// risk, or where all have the same.
GeometryPatients geometry_patients(const Cohort& cohort, const FloatMatrix& embeddings);

struct GeometryOptions {
    std::size_t pairs = 200'000;  // at most, of each kind; 0: all
    double age_band = 5;          // years
    std::size_t neighbours = 10;
    std::size_t queries = 5000;  // patients whose neighbours are looked for, at most
    bool centre = false;         // less the mean embedding before angles are taken
    double confidence = 0.95;
    BootstrapOptions bootstrap;  // its seed is that of pairs, queries and folds too
};

struct GeometryValue {
    std::string name;   // "distance_risk_within_age", for machines
    std::string title;  // for people
    double value = 0;   // NaN where undefined
    Interval interval;
    std::vector<double> draws;  // one per resample
};

// Mean distance of the pairs whose risks differ by about this much (tenths of the pairs).
struct CurvePoint {
    double risk_difference = 0;  // mean in the bin
    GeometryValue distance;
};

struct PairCounts {
    std::uint64_t possible = 0;
    std::size_t used = 0;
};

struct Geometry {
    std::size_t patients = 0;
    std::size_t dimensions = 0;
    double effective_rank = 0;
    std::vector<double> risk_thirds;  // the two values that divide the patients
    PairCounts pairs, pairs_within_age, pairs_within_age_and_sex;
    std::size_t queries = 0;
    std::vector<GeometryValue> values;
    std::vector<CurvePoint> curve;

    const GeometryValue& value(const std::string& name) const;
};

Geometry measure_geometry(const GeometryPatients& patients, const GeometryOptions& options = {});

// 1 − cosine similarity of rows of length one.
double cosine_distance(const FloatMatrix& unit_rows, std::size_t a, std::size_t b);

// Rows scaled to length one, less the mean row before on request. A row without a direction is an
// InputError.
FloatMatrix unit_rows_of(const FloatMatrix& embeddings, bool centre);

// Each row predicted by ridge regression on standardised features of the rows of other folds. The
// penalty for fold f is the one of `penalties` with the smallest squared error on fold f + 1 when
// fitted on the others; the model is then fitted on all but f. Every fold must have a row.
std::vector<double> cross_validated_ridge(const FloatMatrix& features,
                                          std::span<const double> targets,
                                          std::span<const std::size_t> fold_of_row,
                                          std::size_t folds, std::span<const double> penalties);

}  // namespace clef
