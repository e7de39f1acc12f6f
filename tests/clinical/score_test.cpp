// The interface of risk scores, by its two examples.
#include "clinical/score.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "clinical/missingness.hpp"

namespace clef {

namespace {

constexpr Region all_regions[] = {Region::low, Region::moderate, Region::high, Region::very_high};

double age_sex(double age, Sex sex, Region region) {
    return find_risk_score("age-sex")
        .risk({age, sex, {}, {}, {}, {}, {}}, region)
        .risk.value_or(-1);
}

}  // namespace

TEST(Scores, AreFoundByNameAndSayWhatTheyNeed) {
    EXPECT_EQ(risk_score_names(), (std::vector<std::string>{"score2", "age-sex"}));
    EXPECT_EQ(find_risk_score("score2").attributes.size(), 6u);
    EXPECT_EQ(find_risk_score("age-sex").attributes,
              (std::vector<Attribute>{Attribute::age, Attribute::sex}));
    try {
        find_risk_score("score3");
        FAIL() << "no error";
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("score2"), std::string::npos) << error.what();
    }
}

// Computed by hand from the published coefficients: a man of 65, low-risk region:
// x = ln(−ln 0.9605) + 0.3742; risk = 1 − exp(−exp(−0.5699 + 0.7476 x)). A woman of 80 likewise
// with SCORE2-OP: x = ln(−ln 0.8082) + 0.0789 · 7 − 0.2290.
TEST(AgeSex, IsTheFormulaWithEveryOtherTermGone) {
    const double man = std::log(-std::log(0.9605)) + 0.3742;
    EXPECT_NEAR(age_sex(65, Sex::male, Region::low),
                1 - std::exp(-std::exp(-0.5699 + 0.7476 * man)), 1e-12);
    const double woman = std::log(-std::log(0.8082)) + 0.0789 * 7 - 0.2290;
    EXPECT_NEAR(age_sex(80, Sex::female, Region::high),
                1 - std::exp(-std::exp(0.38 + 1.09 * woman)), 1e-12);
}

TEST(AgeSex, RisesWithAgeAndWithTheRegionAndIsHigherInMen) {
    for (const Region region : all_regions) {
        for (const Sex sex : {Sex::female, Sex::male}) {
            for (int age = 40; age < 89; ++age) {
                EXPECT_LT(age_sex(age, sex, region), age_sex(age + 1, sex, region))
                    << age << " in " << region_names()[static_cast<std::size_t>(region)];
            }
        }
        // In the very-high-risk region women of 69 have overtaken men: so the published
        // recalibrations say.
        if (region == Region::very_high) continue;
        for (int age = 40; age < 70; ++age) {
            EXPECT_LT(age_sex(age, Sex::female, region), age_sex(age, Sex::male, region)) << age;
        }
    }
}

TEST(AgeSex, LooksAtNothingElse) {
    const RiskScore& score = find_risk_score("age-sex");
    for (std::uint64_t sample = 0; sample < 200; ++sample) {
        Random random(31, "age-sex", 0, sample);
        RiskFactors f{random.uniform(40, 90),
                      random.chance(0.5) ? Sex::male : Sex::female,
                      {},
                      {},
                      {},
                      {},
                      {}};
        const double bare = score.risk(f, Region::moderate).risk.value_or(-1);
        f.sbp_mmhg = random.uniform(0, 400);  // even what is impossible
        f.total_cholesterol_mmol_l = random.uniform(0, 300);
        f.smoker = random.chance(0.5);
        f.diabetes = true;
        EXPECT_EQ(score.risk(f, Region::moderate).risk.value_or(-1), bare);
    }
}

TEST(AgeSex, UndefinedWhereScore2Is) {
    const RiskScore& score = find_risk_score("age-sex");
    EXPECT_EQ(score.risk({39.0, Sex::male, {}, {}, {}, {}, {}}, Region::low).reason,
              "age 39 is below 40, where SCORE2 is undefined");
    EXPECT_EQ(score.risk({50.0, {}, {}, {}, {}, {}, {}}, Region::low).reason, "missing: sex");
    EXPECT_EQ(score.risk({50.0, Sex::male, {}, {}, {}, {}, {}}, Region::low).model,
              "age-sex (SCORE2)");
}

// PTB-XL knows age, sex, height and weight; MIMIC-IV age, sex, blood pressure and BMI.
TEST(Scores, CohortsWithWholeColumnsMissing) {
    const std::vector<RiskFactors> ptbxl = {{60, Sex::female, {}, {}, {}, {}, {}},
                                            {75, Sex::male, {}, {}, {}, {}, {}},
                                            {20, Sex::male, {}, {}, {}, {}, {}}};
    const RiskScore& both = find_risk_score("age-sex");
    const CohortRisk alone =
        cohort_risk(ptbxl, Region::low, MissingStrategy::exclude, AgePolicy::exclude, both);
    EXPECT_EQ(alone.missing, (std::vector<double>{0, 0, 0})) << "age-sex needs no more than that";
    const CohortRisk imputed = cohort_risk(ptbxl, Region::low, MissingStrategy::impute);
    EXPECT_EQ(imputed.missing, (std::vector<double>{4.0 / 6, 4.0 / 6, 4.0 / 6}));
    for (const std::size_t i : {0u, 1u}) {
        EXPECT_EQ(alone.results[i].risk, imputed.results[i].risk)
            << "what nobody has is imputed with the score's centre";
    }
    EXPECT_FALSE(alone.results[2].risk);
    EXPECT_FALSE(imputed.results[2].risk);

    const std::vector<RiskFactors> mimic = {{60, Sex::female, 150.0, {}, {}, {}, {}},
                                            {60, Sex::female, 120.0, {}, {}, {}, {}}};
    const CohortRisk pressure = cohort_risk(mimic, Region::low, MissingStrategy::impute);
    EXPECT_EQ(pressure.missing, (std::vector<double>{3.0 / 6, 3.0 / 6}));
    EXPECT_GT(*pressure.results[0].risk, *pressure.results[1].risk);
    EXPECT_EQ(*pressure.results[1].risk, age_sex(60, Sex::female, Region::low));
    const CohortRisk excluded = cohort_risk(mimic, Region::low);
    EXPECT_EQ(excluded.results[0].reason, "missing: total cholesterol, HDL cholesterol, smoking");
}

}  // namespace clef
