#include "clinical/missingness.hpp"

#include <gtest/gtest.h>

namespace clef {

namespace {

RiskFactors man(double age) {
    return {age, Sex::male, 140.0, 6.0, 1.2, false, std::nullopt};
}

double risk_of(const RiskFactors& factors) {
    return *score2(factors, Region::low).risk;
}

}  // namespace

TEST(Missingness, ExcludeGivesNoRiskAndCountsWhatIsMissing) {
    RiskFactors partial = man(60);
    partial.hdl_mmol_l.reset();
    partial.smoker.reset();
    const std::vector<RiskFactors> cohort{man(60), partial, RiskFactors{}};
    const CohortRisk risks = cohort_risk(cohort, Region::low);
    EXPECT_EQ(risks.missing, (std::vector<double>{0, 2.0 / 6, 1}));
    EXPECT_EQ(*risks.results[0].risk, risk_of(man(60)));
    EXPECT_FALSE(risks.results[1].risk);
    EXPECT_EQ(risks.results[1].reason, "missing: HDL cholesterol, smoking");
}

TEST(Missingness, ImputeTakesTheMedianOfTheSexAndAgeBand) {
    std::vector<RiskFactors> cohort{man(61), man(65), man(69), man(45)};
    cohort[0].sbp_mmhg = 120;
    cohort[1].sbp_mmhg = 130;
    cohort[2].sbp_mmhg = 170;
    cohort[3].sbp_mmhg = 100;
    RiskFactors woman = man(62);
    woman.sex = Sex::female;
    woman.sbp_mmhg = 180;
    cohort.push_back(woman);
    RiskFactors partial = man(63);
    partial.sbp_mmhg.reset();
    cohort.push_back(partial);

    const CohortRisk risks = cohort_risk(cohort, Region::low, MissingStrategy::impute);
    RiskFactors filled = partial;
    filled.sbp_mmhg = 130;
    EXPECT_EQ(*risks.results[5].risk, risk_of(filled));
    EXPECT_EQ(risks.results[5].model, "SCORE2 (imputed: systolic blood pressure)");
    EXPECT_EQ(risks.missing[5], 1.0 / 6);
    EXPECT_EQ(risks.results[0].model, "SCORE2");
}

TEST(Missingness, ImputeFallsBackToTheSexThenTheCohort) {
    RiskFactors young = man(41);
    young.sbp_mmhg.reset();
    RiskFactors woman = man(65);
    woman.sex = Sex::female;
    woman.sbp_mmhg.reset();
    std::vector<RiskFactors> cohort{man(61), man(75), young, woman};
    cohort[0].sbp_mmhg = 120;
    cohort[1].sbp_mmhg = 150;
    const CohortRisk risks = cohort_risk(cohort, Region::low, MissingStrategy::impute);
    young.sbp_mmhg = 135;  // the median of two is their mean
    woman.sbp_mmhg = 135;
    EXPECT_EQ(*risks.results[2].risk, risk_of(young));
    EXPECT_EQ(*risks.results[3].risk, risk_of(woman));
}

TEST(Missingness, AttributeThatNobodyHasTakesTheScoresOwnCentre) {
    const std::vector<RiskFactors> cohort{{60, Sex::female, {}, {}, {}, {}, {}},
                                          {75, Sex::male, {}, {}, {}, {}, {}}};
    const CohortRisk risks = cohort_risk(cohort, Region::low, MissingStrategy::impute);
    EXPECT_EQ(*risks.results[0].risk, risk_of({60, Sex::female, 120.0, 6.0, 1.3, false, {}}));
    EXPECT_EQ(*risks.results[1].risk, risk_of({75, Sex::male, 150.0, 6.0, 1.4, false, {}}));
    EXPECT_EQ(risks.missing[0], 4.0 / 6);
}

TEST(Missingness, SmokingGoesByMajorityAndATieIsNo) {
    RiskFactors unknown = man(60);
    unknown.smoker.reset();
    RiskFactors smoker = man(60);
    smoker.smoker = true;
    RiskFactors never = man(60);
    const auto imputed = [&](std::vector<RiskFactors> cohort) {
        cohort.push_back(unknown);
        return *cohort_risk(cohort, Region::low, MissingStrategy::impute).results.back().risk;
    };
    EXPECT_EQ(imputed({smoker, smoker, never}), risk_of(smoker));
    EXPECT_EQ(imputed({smoker, never}), risk_of(never));
}

TEST(Missingness, AgeAndSexAreNeverFilledIn) {
    RiskFactors ageless = man(60);
    ageless.age.reset();
    RiskFactors sexless = man(60);
    sexless.sex.reset();
    const std::vector<RiskFactors> cohort{man(60), ageless, sexless};
    const CohortRisk risks = cohort_risk(cohort, Region::low, MissingStrategy::impute);
    EXPECT_EQ(risks.results[1].reason, "missing: age");
    EXPECT_EQ(risks.results[2].reason, "missing: sex");
}

TEST(Missingness, ImpossibleValuesAreReportedAndSpoilNoMedian) {
    RiskFactors wrong = man(60);
    wrong.sbp_mmhg = 12;
    RiskFactors partial = man(60);
    partial.sbp_mmhg.reset();
    const std::vector<RiskFactors> cohort{man(60), wrong, partial};
    const CohortRisk risks =
        cohort_risk(cohort, Region::low, MissingStrategy::impute, AgePolicy::clamp);
    EXPECT_FALSE(risks.results[1].risk);
    EXPECT_NE(risks.results[1].reason.find("12 mmHg is impossible"), std::string::npos);
    EXPECT_EQ(*risks.results[2].risk, risk_of(man(60)));
}

TEST(Missingness, ImputedHdlNeverExceedsTheKnownTotal) {
    RiskFactors low_total = man(60);
    low_total.total_cholesterol_mmol_l = 1.0;
    low_total.hdl_mmol_l.reset();
    const std::vector<RiskFactors> cohort{man(60), low_total};
    const CohortRisk risks = cohort_risk(cohort, Region::low, MissingStrategy::impute);
    low_total.hdl_mmol_l = 1.0;
    EXPECT_EQ(*risks.results[1].risk, risk_of(low_total));
}

TEST(Missingness, ZeroCountsEveryRowWithoutRiskAsZero) {
    RiskFactors partial = man(60);
    partial.hdl_mmol_l.reset();
    const std::vector<RiskFactors> cohort{man(60), partial, man(30)};
    const CohortRisk risks = cohort_risk(cohort, Region::low, MissingStrategy::zero);
    EXPECT_EQ(*risks.results[0].risk, risk_of(man(60)));
    EXPECT_EQ(*risks.results[1].risk, 0);
    EXPECT_EQ(risks.results[1].reason, "missing: HDL cholesterol");
    EXPECT_EQ(*risks.results[2].risk, 0);
}

TEST(Missingness, AgesOutsideAreExcludedOrClampedAndItIsSaid) {
    const std::vector<RiskFactors> cohort{man(25), man(95), man(60)};
    const CohortRisk excluded = cohort_risk(cohort, Region::low);
    EXPECT_FALSE(excluded.results[0].risk);
    EXPECT_FALSE(excluded.results[1].risk);
    const CohortRisk clamped =
        cohort_risk(cohort, Region::low, MissingStrategy::exclude, AgePolicy::clamp);
    EXPECT_EQ(*clamped.results[0].risk, risk_of(man(40)));
    EXPECT_EQ(clamped.results[0].model, "SCORE2 (age clamped to 40)");
    EXPECT_EQ(*clamped.results[1].risk, risk_of(man(89)));
    EXPECT_EQ(clamped.results[1].model, "SCORE2-OP (age clamped to 89)");
    EXPECT_EQ(clamped.results[2].model, "SCORE2");
    EXPECT_EQ(clamped.missing[0], 0);
}

TEST(Missingness, StrategiesByName) {
    for (const std::string& name : missing_strategy_names()) {
        EXPECT_TRUE(parse_missing_strategy(name)) << name;
    }
    EXPECT_EQ(parse_missing_strategy("impute"), MissingStrategy::impute);
    EXPECT_FALSE(parse_missing_strategy("guess"));
    EXPECT_EQ(parse_age_policy("clamp"), AgePolicy::clamp);
    EXPECT_FALSE(parse_age_policy("ignore"));
    EXPECT_EQ(age_policy_names().size(), 2U);
}

}  // namespace clef
