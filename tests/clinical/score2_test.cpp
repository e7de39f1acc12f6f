#include "clinical/score2.hpp"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/random.hpp"
#include "shared.hpp"

namespace clef {

namespace {

constexpr Region all_regions[] = {Region::low, Region::moderate, Region::high, Region::very_high};

RiskFactors patient(double age, Sex sex) {
    return {age, sex, 140.0, 6.3, 1.4, true, false};
}

double risk(const RiskFactors& factors, Region region) {
    const RiskResult result = score2(factors, region);
    EXPECT_TRUE(result.risk) << result.reason;
    return result.risk.value_or(std::nan(""));
}

// A patient inside the range that the scores were made for.
RiskFactors random_patient(Random& random) {
    RiskFactors f;
    f.age = random.uniform(40, 90);
    f.sex = random.chance(0.5) ? Sex::male : Sex::female;
    f.sbp_mmhg = random.uniform(100, 180);
    f.total_cholesterol_mmol_l = random.uniform(3, 8);
    f.hdl_mmol_l = random.uniform(0.7, 2.5);
    f.smoker = random.chance(0.5);
    f.diabetes = random.chance(0.5);
    return f;
}

}  // namespace

TEST(Score2, PublishedExamples) {
    CLEF_REQUIRE_SHARED("goldens/score2_vectors.json");
    std::ifstream file(testing::shared_folder() / "goldens/score2_vectors.json");
    int examples = 0;
    for (const auto& entry : nlohmann::json::parse(file)) {
        RiskFactors f;
        f.age = entry["age"].get<double>();
        f.sex = entry["sex"] == "male" ? Sex::male : Sex::female;
        f.sbp_mmhg = entry["sbp"].get<double>();
        f.total_cholesterol_mmol_l = entry["tchol"].get<double>();
        f.hdl_mmol_l = entry["hdl"].get<double>();
        f.smoker = entry["smoker"] == 1;
        f.diabetes = entry["diabetes"] == 1;
        const auto region = parse_region(entry["region"].get<std::string>());
        ASSERT_TRUE(region);
        const RiskResult result = score2(f, *region);
        ASSERT_TRUE(result.risk) << entry.dump() << result.reason;
        // Published to a tenth of a percentage point; our own sum agrees far better.
        EXPECT_NEAR(*result.risk * 100, entry["published_pct"], 0.0501) << entry.dump();
        EXPECT_NEAR(*result.risk * 100, entry["rounded_coeff_pct"], 1e-9) << entry.dump();
        EXPECT_EQ(result.model, *f.age < 70 ? "SCORE2" : "SCORE2-OP");
        ++examples;
    }
    EXPECT_GE(examples, 15);
}

TEST(Score2, AWomanOf50InALowRiskRegion) {
    EXPECT_NEAR(risk(patient(50, Sex::female), Region::low), 0.0433, 0.00005);
}

TEST(Score2, EachRiskFactorActsInItsDirection) {
    for (std::uint64_t sample = 0; sample < 2000; ++sample) {
        Random random(11, "score2 monotonic", 0, sample);
        const RiskFactors base = random_patient(random);
        const Region region = all_regions[random.below(4)];
        const double before = risk(base, region);
        ASSERT_GT(before, 0);
        ASSERT_LT(before, 1);
        RiskFactors worse = base;
        worse.sbp_mmhg = *base.sbp_mmhg + 10;
        EXPECT_GT(risk(worse, region), before);
        worse = base;
        worse.total_cholesterol_mmol_l = *base.total_cholesterol_mmol_l + 0.5;
        EXPECT_GT(risk(worse, region), before);
        worse = base;
        worse.hdl_mmol_l = *base.hdl_mmol_l - 0.3;
        EXPECT_GT(risk(worse, region), before);
        worse = base;
        worse.smoker = true;
        worse.age = std::min(*base.age, 85.0);
        RiskFactors never = worse;
        never.smoker = false;
        EXPECT_GT(risk(worse, region), risk(never, region));
        // SCORE2-OP's interactions outweigh age itself in a smoker with diabetes, high pressure and
        // low cholesterol; without smoking and diabetes age always adds.
        never.diabetes = false;
        never.age = *base.age;
        worse = never;
        worse.age = *base.age + 1;
        const bool same_score = (*base.age < 70) == (*worse.age < 70) && *worse.age < 90;
        if (same_score) {
            EXPECT_GT(risk(worse, region), risk(never, region));
        }
    }
}

TEST(Score2, RegionsAreOrdered) {
    int compared = 0;
    for (std::uint64_t sample = 0; sample < 500; ++sample) {
        Random random(12, "score2 regions", 0, sample);
        RiskFactors f = random_patient(random);
        f.age = random.uniform(40, 70);
        const double moderate = risk(f, Region::moderate);
        EXPECT_LT(risk(f, Region::high), risk(f, Region::very_high));
        // Women's "low" and "moderate" cross at 0.61 %, men's at 0.17 %.
        if (moderate > 0.0065) {
            EXPECT_LT(risk(f, Region::low), moderate);
        }
        // The published recalibrations of "moderate" and "high" cross at a small risk: where
        // −0.1565 + 0.8009 x = 0.3207 + 0.9360 x in men (5 %), likewise in women (1.2 %).
        if (moderate < (f.sex == Sex::male ? 0.05 : 0.0125)) continue;
        EXPECT_LT(moderate, risk(f, Region::high));
        ++compared;
    }
    EXPECT_GT(compared, 200);
}

TEST(Score2, ExtremeButPossibleValuesStayWithinZeroAndOne) {
    for (const double age : {40.0, 69.99, 70.0, 89.99}) {
        for (const Sex sex : {Sex::female, Sex::male}) {
            for (const bool bad : {false, true}) {
                const RiskFactors f{age, sex, bad ? 300.0 : 50.0, bad ? 30.0 : 6.0, bad ? 0.1 : 6.0,
                                    bad, bad};
                for (const Region region : all_regions) {
                    EXPECT_GT(risk(f, region), 0);
                    EXPECT_LE(risk(f, region), 1);
                }
            }
        }
    }
}

TEST(Score2, UnknownDiabetesIsNo) {
    RiskFactors f = patient(60, Sex::male);
    const double without = risk(f, Region::low);
    f.diabetes.reset();
    EXPECT_EQ(risk(f, Region::low), without);
}

TEST(Score2, NoRiskComesWithItsReason) {
    const auto reason = [](auto change) {
        RiskFactors f = patient(60, Sex::male);
        change(f);
        const RiskResult result = score2(f, Region::low);
        EXPECT_FALSE(result.risk);
        EXPECT_EQ(result.model, "");
        return result.reason;
    };
    EXPECT_EQ(reason([](auto& f) { f.age = 35; }), "age 35 is below 40, where SCORE2 is undefined");
    EXPECT_EQ(reason([](auto& f) { f.age = 90; }),
              "age 90 is above 89, where SCORE2-OP is undefined");
    EXPECT_EQ(reason([](auto& f) { f.age = 300; }), "age 300 is not an age in years");
    EXPECT_EQ(reason([](auto& f) { f.sbp_mmhg = 12; }),
              "systolic blood pressure 12 mmHg is impossible (expected 50 to 300); is it in kPa or "
              "cmHg?");
    EXPECT_EQ(reason([](auto& f) { f.total_cholesterol_mmol_l = 250; }),
              "total cholesterol 250 mmol/L is impossible; 250 mg/dL would be 6.46 mmol/L");
    EXPECT_EQ(reason([](auto& f) { f.hdl_mmol_l = 50; }),
              "HDL cholesterol 50 mmol/L is impossible; 50 mg/dL would be 1.29 mmol/L");
    EXPECT_EQ(reason([](auto& f) { f.total_cholesterol_mmol_l = 1; }),
              "HDL cholesterol 1.4 mmol/L is above total cholesterol 1 mmol/L");
    EXPECT_EQ(reason([](auto& f) { f.total_cholesterol_mmol_l = -1; }),
              "total cholesterol -1 mmol/L is impossible (expected 0.5 to 30)");
    EXPECT_EQ(reason([](auto& f) { f.sbp_mmhg = std::nan(""); }).substr(0, 27),
              "systolic blood pressure nan");
    EXPECT_EQ(reason([](auto& f) { f = RiskFactors{}; }),
              "missing: age, sex, systolic blood pressure, total cholesterol, HDL cholesterol, "
              "smoking");
}

TEST(Score2, RegionsByName) {
    EXPECT_EQ(parse_region("very-high"), Region::very_high);
    EXPECT_EQ(parse_region("Very High"), Region::very_high);
    EXPECT_EQ(parse_region("low"), Region::low);
    EXPECT_FALSE(parse_region("middle"));
    EXPECT_EQ(region_names().size(), 4U);
}

}  // namespace clef
