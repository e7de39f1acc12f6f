#include "evaluation/label_fraction.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>

#include "base/error.hpp"
#include "base/random.hpp"

namespace clef {
namespace {

struct Labelled {
    EvaluationRows rows;
    Targets targets;
};

// Two records a patient; every twentieth patient has the rare class.
Labelled labelled(TaskKind kind, std::size_t patients) {
    Random random(1, "labelled");
    Labelled result;
    result.targets.kind = kind;
    result.targets.classes = kind == TaskKind::regression ? 0 : 2;
    for (std::size_t i = 0; i < 2 * patients; ++i) {
        const std::size_t patient = i / 2;
        result.rows.records.push_back(fmt::format("r{}", i));
        result.rows.patients.push_back(fmt::format("p{}", patient));
        result.rows.splits.push_back(patient % 10 == 9 ? "test" : "train");
        result.targets.known.push_back(1);
        const bool rare = patient % 20 == 0;
        result.targets.indicators.push_back(1);
        result.targets.indicators.push_back(rare);
        result.targets.class_index.push_back(rare);
        result.targets.values.push_back(random.normal());
    }
    return result;
}

TEST(LabelFraction, SmallerOnesLieWithinLargerOnesAndTakeWholePatients) {
    for (const TaskKind kind :
         {TaskKind::multi_label, TaskKind::multi_class, TaskKind::regression}) {
        const Labelled made = labelled(kind, 400);
        std::set<std::size_t> smaller;
        for (const double fraction : {0.001, 0.01, 0.1, 0.5, 1.0}) {
            const auto rows = training_rows(made.rows, made.targets, fraction, 3);
            EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
            const std::set<std::size_t> larger(rows.begin(), rows.end());
            for (const std::size_t row : smaller) EXPECT_TRUE(larger.contains(row));
            for (const std::size_t row : rows) {
                EXPECT_TRUE(larger.contains(row ^ 1U)) << "both records of a patient";
                EXPECT_EQ(made.rows.splits[row], "train");
            }
            EXPECT_EQ(rows.size(), 2 * std::max(1.0, std::ceil(fraction * 360 - 1e-9)));
            smaller = larger;
        }
    }
}

TEST(LabelFraction, KeepsEachStratumsShare) {
    for (const TaskKind kind : {TaskKind::multi_label, TaskKind::multi_class}) {
        const Labelled made = labelled(kind, 400);
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            std::size_t rare = 0;
            for (const std::size_t row : training_rows(made.rows, made.targets, 0.25, seed)) {
                rare += made.targets.class_index[row];
            }
            EXPECT_EQ(rare, 10U) << "a quarter of twenty patients, two records each";
        }
    }
    const Labelled made = labelled(TaskKind::regression, 400);
    std::vector<double> all, some;
    for (const std::size_t row : training_rows(made.rows, made.targets)) {
        all.push_back(made.targets.values[row]);
    }
    for (const std::size_t row : training_rows(made.rows, made.targets, 0.1)) {
        some.push_back(made.targets.values[row]);
    }
    const auto median = [](std::vector<double> values) {
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    };
    EXPECT_NEAR(median(all), median(some), 0.2);
}

TEST(LabelFraction, OtherSeedsTakeOtherPatients) {
    const Labelled made = labelled(TaskKind::multi_label, 400);
    EXPECT_EQ(training_rows(made.rows, made.targets, 0.1, 1),
              training_rows(made.rows, made.targets, 0.1, 1));
    EXPECT_NE(training_rows(made.rows, made.targets, 0.1, 1),
              training_rows(made.rows, made.targets, 0.1, 2));
    EXPECT_THROW(training_rows(made.rows, made.targets, 0), InputError);
    EXPECT_THROW(training_rows(made.rows, made.targets, 1.01), InputError);
}

TEST(LabelFraction, RowsWithoutAnAnswerAreNobodys) {
    Labelled made = labelled(TaskKind::multi_label, 40);
    for (std::size_t i = 0; i < 40; ++i) made.targets.known[i] = 0;
    for (const std::size_t row : training_rows(made.rows, made.targets, 0.5)) EXPECT_GE(row, 40U);
}

}  // namespace
}  // namespace clef
