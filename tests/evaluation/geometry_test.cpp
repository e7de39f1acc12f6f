// Geometry against SciPy and scikit-learn on small vectors, against slow obvious versions, and on
// embeddings of which the answer is known.
#include "evaluation/geometry.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <set>

#include "base/error.hpp"
#include "base/random.hpp"
#include "cohort/simulator/patient.hpp"
#include "cohort/simulator/simulator.hpp"
#include "evaluation/neighbours.hpp"
#include "evaluation/pair_sample.hpp"
#include "evaluation/rank_correlation.hpp"
#include "evaluation/report/geometry_page.hpp"
#include "signal/beats.hpp"

namespace clef {
namespace {

const std::vector<double> some_x = {0.3, 0.1, 0.1, 0.9, 0.5, 0.5, 0.2, 0.8};
const std::vector<double> some_y = {2.0, 1.0, 3.0, 3.0, 2.0, 4.0, 0.5, 3.5};

TEST(RankCorrelation, AgreesWithSciPyWithTiesAndRepeatedItems) {
    const RankCorrelation correlation(some_x, some_y);
    EXPECT_NEAR(correlation.evaluate().value_or(0), 0.5487804878048781, 1e-12);
    const std::vector<double> weights = {2, 0, 1, 3, 1, 1, 2, 1};
    EXPECT_NEAR(correlation.evaluate(weights).value_or(0), 0.5503400362522414, 1e-12)
        << "spearmanr of the items repeated so often";
}

TEST(RankCorrelation, WithinStrataIsTheMeanOfTheStrataWeightedByTheirItems) {
    std::vector<double> x = some_x, y = some_y;
    std::vector<std::uint32_t> strata(x.size(), 7);
    for (const double value : {1.0, 2.0, 3.0, 4.0}) {  // far off and falling: ρ = −1
        x.push_back(100 + value);
        y.push_back(100 - value);
        strata.push_back(3);
    }
    x.push_back(5);  // alone in its stratum: it says nothing
    y.push_back(5);
    strata.push_back(9);
    EXPECT_NEAR(*RankCorrelation(x, y, strata).evaluate(), (8 * 0.5487804878048781 - 4) / 12,
                1e-12);
}

TEST(RankCorrelation, UndefinedWhereNothingVaries) {
    EXPECT_FALSE(RankCorrelation({}, {}).evaluate());
    const std::vector<double> flat(8, 1.0);
    EXPECT_FALSE(RankCorrelation(flat, some_y).evaluate());
    const std::vector<double> one_left = {0, 0, 0, 5, 0, 0, 0, 0};
    EXPECT_FALSE(RankCorrelation(some_x, some_y).evaluate(one_left));
    EXPECT_THROW(RankCorrelation(std::vector<double>{1, NAN}, std::vector<double>{1, 2}),
                 InputError);
}

TEST(PatientPairs, AllPairsOfAStratumOnceAndNoPatientWithItself) {
    const std::vector<std::int64_t> strata = {4, 2, 4, -1, 2, 4, 9};
    const PatientPairs pairs = patient_pairs(strata, 0, 1);
    std::set<std::pair<std::uint32_t, std::uint32_t>> found;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        EXPECT_EQ(strata[pairs.first[p]], strata[pairs.second[p]]);
        found.insert(std::minmax(pairs.first[p], pairs.second[p]));
    }
    EXPECT_EQ(found,
              (std::set<std::pair<std::uint32_t, std::uint32_t>>{{0, 2}, {0, 5}, {2, 5}, {1, 4}}));
    EXPECT_EQ(pairs.size(), 4u);
    EXPECT_FALSE(pairs.sampled());
}

TEST(PatientPairs, ASampleIsWithoutRepetitionEvenAndTheSameForASeed) {
    const std::vector<std::int64_t> strata(2000, 0);
    const PatientPairs pairs = patient_pairs(strata, 20000, 5);
    EXPECT_EQ(pairs.size(), 20000u);
    EXPECT_EQ(pairs.possible, 2000u * 1999 / 2);
    EXPECT_TRUE(pairs.sampled());
    std::set<std::pair<std::uint32_t, std::uint32_t>> found;
    std::vector<int> uses(2000, 0);
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        ASSERT_NE(pairs.first[p], pairs.second[p]);
        found.insert(std::minmax(pairs.first[p], pairs.second[p]));
        ++uses[pairs.first[p]];
        ++uses[pairs.second[p]];
    }
    EXPECT_EQ(found.size(), 20000u);
    // Each patient is in 20 pairs on average, √20 more or fewer.
    EXPECT_LT(*std::max_element(uses.begin(), uses.end()), 50);
    EXPECT_EQ(patient_pairs(strata, 20000, 5).first, pairs.first);
    EXPECT_NE(patient_pairs(strata, 20000, 6).first, pairs.first);
    EXPECT_EQ(patient_pairs(strata, 1998000, 6).size(), 1998000u) << "all but a thousand";
}

// A resample written out patient by patient, then every pair of different patients.
TEST(PatientPairs, WeightsOfAResampleCountWhatTheResampleHolds) {
    const std::size_t n = 12;
    std::vector<double> risk(n), place(n);
    std::vector<std::uint32_t> weights(n);
    Random random(3, "resample");
    for (std::size_t i = 0; i < n; ++i) {
        risk[i] = std::round(10 * random.uniform()) / 10;
        place[i] = random.uniform();
        weights[i] = static_cast<std::uint32_t>(random.below(4));
    }
    const PatientPairs pairs = patient_pairs(std::vector<std::int64_t>(n, 0), 0, 0);
    std::vector<double> x, y, counts;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        x.push_back(std::abs(place[pairs.first[p]] - place[pairs.second[p]]));
        y.push_back(std::abs(risk[pairs.first[p]] - risk[pairs.second[p]]));
        counts.push_back(weights[pairs.first[p]] * weights[pairs.second[p]]);
    }
    std::vector<std::size_t> drawn;
    for (std::size_t i = 0; i < n; ++i) drawn.insert(drawn.end(), weights[i], i);
    std::vector<double> slow_x, slow_y;
    for (std::size_t a = 0; a < drawn.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            if (drawn[a] == drawn[b]) continue;
            slow_x.push_back(std::abs(place[drawn[a]] - place[drawn[b]]));
            slow_y.push_back(std::abs(risk[drawn[a]] - risk[drawn[b]]));
        }
    }
    EXPECT_NEAR(*RankCorrelation(x, y).evaluate(counts),
                *RankCorrelation(slow_x, slow_y).evaluate(), 1e-12);
}

FloatMatrix random_matrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
    FloatMatrix matrix(rows, columns);
    Random random(seed, "test matrix");
    for (float& value : matrix.values) value = static_cast<float>(random.normal());
    return matrix;
}

TEST(Neighbours, PurityEqualsTheSlowObviousVersionOnAResample) {
    const std::size_t n = 40;
    const std::size_t k = 5;
    const FloatMatrix unit = unit_rows_of(random_matrix(n, 4, 1), false);
    Random random(2, "classes");
    std::vector<int> classes(n);
    std::vector<std::uint32_t> weights(n), queries(n);
    for (std::size_t i = 0; i < n; ++i) {
        classes[i] = static_cast<int>(random.below(3));
        weights[i] = static_cast<std::uint32_t>(random.below(3));
        queries[i] = static_cast<std::uint32_t>(i);
    }
    const Neighbours neighbours = nearest_neighbours(unit, queries, 39, 1);
    const Purity found = neighbour_purity(neighbours, classes, k, weights);

    std::vector<std::size_t> drawn;
    for (std::size_t i = 0; i < n; ++i) drawn.insert(drawn.end(), weights[i], i);
    double purity = 0, chance = 0;
    for (const std::size_t query : drawn) {
        std::vector<std::pair<double, std::size_t>> others;
        for (const std::size_t other : drawn) {
            if (other != query) others.emplace_back(cosine_distance(unit, query, other), other);
        }
        std::sort(others.begin(), others.end());
        const auto same = [&](const auto& other) {
            return classes[other.second] == classes[query];
        };
        const auto all = static_cast<double>(others.size() * drawn.size());
        purity += static_cast<double>(std::count_if(others.begin(), others.begin() + k, same)) /
                  static_cast<double>(k * drawn.size());
        chance += static_cast<double>(std::count_if(others.begin(), others.end(), same)) / all;
    }
    EXPECT_NEAR(found.purity, purity, 1e-12);
    EXPECT_NEAR(found.chance, chance, 1e-12);
}

// StandardScaler and Ridge of scikit-learn 1.x in the same folds: penalties 0.1, 1, 0.1, 1, 0.1.
TEST(CrossValidatedRidge, AgreesWithScikitLearn) {
    const std::size_t n = 15;
    FloatMatrix features(n, 3);
    std::vector<double> targets;
    std::vector<std::size_t> fold_of_row;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < 3; ++k) {
            features.at(i, k) = static_cast<float>(static_cast<double>((i * 7 + k * 5) % 11) / 10 +
                                                   static_cast<double>((i * 3 + k) % 4) * 0.25);
        }
        targets.push_back(0.05 + 0.3 * features.at(i, 0) - 0.1 * features.at(i, 1) +
                          0.02 * static_cast<double>((i * 5) % 7));
        fold_of_row.push_back(i * 2 % 5);
    }
    const std::vector<double> expected = {
        0.0934095665971, 0.557644799887,  0.163880224531, 0.349357047066, 0.293549982744,
        0.33788549591,   0.391214548134,  0.14270281154,  0.104476623768, 0.547705909979,
        0.174663332593,  0.0330965126231, 0.313141022659, 0.350864809202, 0.402077712591};
    const std::vector<double> penalties = {0.1, 1, 10};
    const auto found = cross_validated_ridge(features, targets, fold_of_row, 5, penalties);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(found[i], expected[i], 1e-7) << i;
}

// ---- embeddings of which the answer is known ----

GeometryPatients made_up(std::size_t n, std::uint64_t seed) {
    GeometryPatients patients;
    Random random(seed, "made-up patients");
    for (std::size_t i = 0; i < n; ++i) {
        patients.names.push_back(std::to_string(i));
        patients.age.push_back(random.uniform(40, 90));
        patients.sex.push_back(static_cast<int>(random.below(2)));
        patients.risk.push_back(0.002 * (patients.age[i] - 40) + random.uniform(0, 0.2));
        patients.missing.push_back(0);
    }
    patients.embeddings = random_matrix(n, 8, seed);
    return patients;
}

GeometryOptions quick() {
    GeometryOptions options;
    options.bootstrap.resamples = 200;
    options.pairs = 20000;
    return options;
}

TEST(Geometry, ARotationOfTheRisksCirclePutsTheCorrelationNearOne) {
    GeometryPatients patients = made_up(150, 1);
    // Two orthonormal directions in eight dimensions.
    const std::vector<double> u = {0.5, -0.5, 0.5, 0, 0, 0.5, 0, 0};
    const std::vector<double> v = {0.5, 0.5, 0, 0.5, -0.5, 0, 0, 0};
    for (std::size_t i = 0; i < patients.risk.size(); ++i) {
        const double angle = 3 * patients.risk[i] + 1;
        for (std::size_t k = 0; k < 8; ++k) {
            patients.embeddings.at(i, k) =
                static_cast<float>(4 * (std::cos(angle) * u[k] + std::sin(angle) * v[k]));
        }
    }
    const Geometry found = measure_geometry(patients, quick());
    for (const char* name :
         {"distance_risk", "distance_risk_within_age", "distance_risk_within_age_and_sex"}) {
        EXPECT_GT(found.value(name).value, 0.999) << name;
        EXPECT_GT(found.value(name).interval.low.value_or(0), 0.999) << name;
    }
    EXPECT_GT(found.value("neighbour_purity").value, 0.9);
    EXPECT_GT(found.value("neighbour_excess").interval.low.value_or(0), 0.5);
    EXPECT_GT(found.value("ridge_r2").value, 0.95);
    for (std::size_t b = 1; b < found.curve.size(); ++b) {
        EXPECT_GT(found.curve[b].distance.value, found.curve[b - 1].distance.value);
        EXPECT_LT(found.curve[b].distance.interval.low, found.curve[b].distance.interval.high);
    }
}

TEST(Geometry, OfRandomEmbeddingsCoversNought) {
    int covered = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const Geometry found = measure_geometry(made_up(120, seed), quick());
        const auto covers = [&](const char* name) {
            const Interval& interval = found.value(name).interval;
            return *interval.low <= 0 && *interval.high >= 0;
        };
        covered += covers("distance_risk") + covers("distance_risk_within_age") +
                   covers("neighbour_excess");
        EXPECT_LT(std::abs(found.value("distance_risk").value), 0.1);
        EXPECT_LT(found.value("ridge_r2").value, 0.1);
    }
    EXPECT_GE(covered, 15) << "of 18 intervals of 95 %";
}

TEST(Geometry, AgeAloneDoesNotCountWithinAgeBands) {
    GeometryPatients patients = made_up(300, 3);
    for (std::size_t i = 0; i < patients.risk.size(); ++i) {
        const double band = std::floor(patients.age[i] / 5);
        patients.risk[i] = 0.01 * (band - 7) + 0.002 * Random(4, "rest", 0, i).uniform();
        for (std::size_t k = 0; k < 8; ++k) {
            const double angle = 0.3 * band + 0.02 * Random(5, "rest", k, i).normal();
            patients.embeddings.at(i, k) = static_cast<float>(k == 0   ? std::cos(angle)
                                                              : k == 1 ? std::sin(angle)
                                                                       : 0);
        }
    }
    const Geometry found = measure_geometry(patients, quick());
    EXPECT_GT(found.value("distance_risk").value, 0.9);
    EXPECT_LT(std::abs(found.value("distance_risk_within_age").value), 0.1);
    EXPECT_LE(*found.value("distance_risk_within_age").interval.low, 0);
}

TEST(Geometry, SameNumbersOnAnyNumberOfThreadsAndPairsPairedBetweenModels) {
    const GeometryPatients patients = made_up(60, 2);
    GeometryOptions one = quick(), two = quick();
    one.bootstrap.threads = 1;
    two.bootstrap.threads = 2;
    const Geometry a = measure_geometry(patients, one);
    const Geometry b = measure_geometry(patients, two);
    for (std::size_t v = 0; v < a.values.size(); ++v) {
        EXPECT_EQ(a.values[v].draws, b.values[v].draws) << a.values[v].name;
    }
    const auto same = compare_geometries({"a", "b"}, {a, b});
    ASSERT_FALSE(same.empty());
    for (const GeometryDifference& row : same) {
        EXPECT_EQ(row.difference.difference, 0);
        EXPECT_EQ(row.adjusted_p, 1.0);
    }
}

// ---- the simulator's control ----

// Four numbers of a beat that anyone could measure by hand: depression of the ST segment and height
// of the T wave against the QRS complex over the left ventricle, QRS amplitude, and how much the
// heart's rhythm varies.
std::vector<double> beat_features(const Recording& recording) {
    std::vector<std::vector<float>> leads;
    for (const char* name : {"I", "II", "V4", "V5", "V6"}) {
        leads.push_back(recording.lead(name).samples);
    }
    const auto beats = find_beats(leads, recording.sampling_rate);
    double st = 0, t = 0, qrs = 0;
    for (std::size_t lead = 0; lead < leads.size(); ++lead) {
        const auto beat = median_beat(leads[lead], beats, recording.sampling_rate);
        // 125 samples a second, the R peak at sample 37; the level before the QRS is the zero.
        const double level = beat[25];
        const auto [low, high] = std::minmax_element(beat.begin() + 32, beat.begin() + 43);
        qrs += *high - *low;
        st += beat[47] - level;
        for (std::size_t k = 60; k < 85; ++k) t += (beat[k] - level) / 25;
    }
    const auto rhythm = rhythm_numbers(beats, recording.sampling_rate, 10);
    return {st / qrs, t / qrs, std::log(qrs), rhythm[1]};
}

GeometryPatients simulated_by_hand(std::size_t n, bool control) {
    GeometryPatients patients;
    patients.embeddings = FloatMatrix(n, 5);
    for (std::size_t i = 0; i < n; ++i) {
        const SimulatedPatient patient = draw_patient(7, i);
        const Heart heart = draw_heart(control ? draw_stranger(7, i) : patient, 7);
        const auto features = beat_features(simulate_recording(heart, 7, i, 0).recording);
        patients.names.push_back(patient.id);
        patients.age.push_back(patient.age);
        patients.sex.push_back(static_cast<int>(patient.sex));
        patients.risk.push_back(patient.true_risk);
        patients.missing.push_back(0);
        for (std::size_t k = 0; k < 4; ++k) {
            patients.embeddings.at(i, k) = static_cast<float>(features[k]);
        }
    }
    // Standardised, with a constant beside them that gives every patient a direction.
    for (std::size_t k = 0; k < 4; ++k) {
        const auto column = patients.embeddings.column(k);
        double mean = 0, square = 0;
        for (const float value : column) mean += value / static_cast<double>(n);
        for (const float value : column)
            square += std::pow(value - mean, 2) / static_cast<double>(n);
        for (std::size_t i = 0; i < n; ++i) {
            patients.embeddings.at(i, k) =
                static_cast<float>((patients.embeddings.at(i, k) - mean) / std::sqrt(square));
            patients.embeddings.at(i, 4) = 3;
        }
    }
    return patients;
}

TEST(GeometryControl, RiskThatDoesNotShapeTheWaveformIsNotFoundInItAndRiskThatDoesIs) {
    const Geometry shaped = measure_geometry(simulated_by_hand(400, false), quick());
    const Geometry control = measure_geometry(simulated_by_hand(400, true), quick());
    for (const char* name : {"distance_risk", "distance_risk_within_age", "ridge_within_age"}) {
        const GeometryValue& with = shaped.value(name);
        const GeometryValue& without = control.value(name);
        EXPECT_GT(*with.interval.low, 0) << name << " " << with.value;
        EXPECT_LE(*without.interval.low, 0) << name << " " << without.value;
    }
    EXPECT_GT(*shaped.value("ridge_r2").interval.low, 0);
    EXPECT_LT(control.value("ridge_r2").value, 0.02);
}

TEST(GeometryPatients, AreMeansOverTheirRecordings) {
    Cohort cohort;
    cohort.source = "c.csv";
    FloatMatrix embeddings(0, 2);
    for (std::size_t i = 0; i < 22; ++i) {
        for (int recording = 0; recording < 2; ++recording) {
            CohortRow row;
            row.patient_id = fmt::format("p{}", i);
            row.factors.age = 50.0 + recording;
            if (i < 20) row.risk = 0.01 * static_cast<double>(i + 1);
            cohort.rows.push_back(row);
            embeddings.values.insert(embeddings.values.end(),
                                     {static_cast<float>(i), static_cast<float>(2 * recording)});
            ++embeddings.rows;
        }
    }
    const GeometryPatients patients = geometry_patients(cohort, embeddings);
    ASSERT_EQ(patients.risk.size(), 20u);
    EXPECT_EQ(patients.without_risk, 2u);
    EXPECT_EQ(patients.embeddings.at(3, 0), 3);
    EXPECT_EQ(patients.embeddings.at(3, 1), 1);
    EXPECT_EQ(patients.age[3], 50.5);
    EXPECT_EQ(patients.sex[3], -1);
    cohort.rows[0].risk.reset();
    cohort.rows[1].risk.reset();
    EXPECT_THROW(geometry_patients(cohort, embeddings), InputError) << "19 are too few";
}

TEST(GeometryPage, SaysWhatWasMeasuredAndDrawsEveryForm) {
    GeometryReport report;
    report.cohort = "<cohort>";
    report.rows = "all rows";
    report.models = {"mine", "other"};
    report.patients = made_up(60, 4);
    report.options = quick();
    report.geometries = {measure_geometry(report.patients, quick()),
                         measure_geometry(made_up(60, 4), quick())};
    report.differences = compare_geometries(report.models, report.geometries);
    const std::string page = geometry_page(report);
    for (const char* words :
         {"&lt;cohort&gt;", "W, form paper", "W, form released", "W, form interpolated",
          "Embedding map", "mine − other", "all 1770 pairs of patients"}) {
        EXPECT_NE(page.find(words), std::string::npos) << words;
    }
    EXPECT_EQ(page.find("nan"), std::string::npos);
    EXPECT_EQ(page.find("<script"), std::string::npos);
}

}  // namespace
}  // namespace clef
