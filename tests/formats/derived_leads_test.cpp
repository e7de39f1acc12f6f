#include "formats/derived_leads.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "formats/ecg_file.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/npy.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::shared_folder;

namespace {

const std::vector<std::string> limb_leads{"I", "II", "III", "aVR", "aVL", "aVF"};

}  // namespace

TEST(DerivedLeads, FormulasAreEinthovensAndGoldbergers) {
    const auto text = [](const char* wanted, const std::vector<std::string>& present) {
        return find_lead_formula(wanted, present)->text();
    };
    EXPECT_EQ(text("III", {"I", "II"}), "II − I");
    EXPECT_EQ(text("lead aVR", {"V1", "II", "I"}), "−0.5 I − 0.5 II");
    EXPECT_EQ(text("aVL", {"I", "II"}), "I − 0.5 II");
    EXPECT_EQ(text("AVF", {"I", "II"}), "II − 0.5 I");
    EXPECT_EQ(text("-aVR", {"I", "II"}), "0.5 I + 0.5 II");
    EXPECT_EQ(text("I", {"II", "III"}), "II − III");
    EXPECT_EQ(text("II", {"I", "III"}), "I + III");
}

TEST(DerivedLeads, OtherLeadsAreNotDerived) {
    EXPECT_FALSE(find_lead_formula("V1", {"I", "II"}));
    EXPECT_FALSE(find_lead_formula("III", {"I", "V1"}));
    EXPECT_FALSE(find_lead_formula("III", {"MLI", "MLII"}));
    EXPECT_FALSE(find_lead_formula("MLIII", {"I", "II"}));
    EXPECT_FALSE(find_lead_formula("I", {"aVR", "-aVR"}));  // the same lead twice
}

TEST(DerivedLeads, AnyTwoLimbLeadsGiveEveryOther) {
    // Potentials of the three electrodes, from which each lead follows by its definition.
    const double right = 0.13;
    const double left = -0.41;
    const double foot = 0.92;
    const std::vector<double> values{left - right,
                                     foot - right,
                                     foot - left,
                                     right - (left + foot) / 2,
                                     left - (right + foot) / 2,
                                     foot - (right + left) / 2};
    const auto lead = [&](std::size_t i) {
        return Lead{limb_leads[i], limb_leads[i], "mV", true, {static_cast<float>(values[i])}};
    };
    for (std::size_t a = 0; a < 6; ++a) {
        for (std::size_t b = 0; b < 6; ++b) {
            if (a == b) continue;
            for (std::size_t wanted = 0; wanted < 6; ++wanted) {
                if (wanted == a || wanted == b) continue;
                const auto formula =
                    find_lead_formula(limb_leads[wanted], {limb_leads[a], limb_leads[b]});
                ASSERT_TRUE(formula);
                const bool in_order = formula->leads[0] == limb_leads[a];
                const Lead derived =
                    derive_lead(*formula, lead(in_order ? a : b), lead(in_order ? b : a));
                EXPECT_NEAR(derived.samples[0], values[wanted], 1e-6)
                    << limb_leads[wanted] << " = " << formula->text();
            }
        }
    }
}

TEST(DerivedLeads, RecordedLeadsAgreeWithThoseDerived) {
    CLEF_REQUIRE_SHARED("data/ptbxl");
    // PTB-XL holds all six limb leads, each rounded to a microvolt.
    const Recording recording =
        read_ecg(shared_folder() / "data/ptbxl/records500/00000/00001_hr", {.leads = limb_leads});
    for (const char* wanted : {"III", "aVR", "aVL", "aVF"}) {
        const auto formula = find_lead_formula(wanted, {"I", "II"});
        const Lead derived = derive_lead(*formula, recording.leads[0], recording.leads[1]);
        for (std::size_t i = 0; i < derived.samples.size(); ++i) {
            ASSERT_NEAR(derived.samples[i], recording.lead(wanted).samples[i], 0.0021) << wanted;
        }
    }
}

TEST(DerivedLeads, AreReadFromTheTwoSignalsTheyNeed) {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "x.npy";
    const float gap = std::numeric_limits<float>::quiet_NaN();
    // Leads V1, I, II; 20 samples of which the third of I is missing.
    std::vector<float> values(60);
    for (std::size_t i = 0; i < 60; ++i) values[i] = static_cast<float>(i * i % 17);
    values[22] = gap;
    write_npy(path, values, {3, 20});
    ReadOptions options{.leads = {"aVF", "II", "III"}, .from = 1, .to = 5};
    options.sampling_rate = 100;
    options.units = "mV";
    options.lead_names = {"V1", "I", "II"};
    const Recording recording = read_ecg(path, options);
    ASSERT_EQ(recording.leads.size(), 3U);
    EXPECT_EQ(recording.leads[0].derived_from, "II − 0.5 I");
    EXPECT_EQ(recording.leads[1].derived_from, "");
    EXPECT_EQ(recording.leads[2].name, "III");
    for (std::size_t i = 0; i < 4; ++i) {
        const float first = values[20 + 1 + i];
        const float second = values[40 + 1 + i];
        if (i == 1) {
            EXPECT_TRUE(std::isnan(recording.leads[0].samples[i]));
            EXPECT_TRUE(std::isnan(recording.leads[2].samples[i]));
            continue;
        }
        EXPECT_FLOAT_EQ(recording.leads[0].samples[i], second - first / 2);
        EXPECT_FLOAT_EQ(recording.leads[1].samples[i], second);
        EXPECT_FLOAT_EQ(recording.leads[2].samples[i], second - first);
    }
    options.units = "NU";
    expect_input_error([&] { read_ecg(path, options); }, {"aVF", "'NU'", "not in volts"});
    options.leads = {"V2"};
    expect_input_error([&] { read_ecg(path, options); }, {"no lead V2", "V1, I, II"});
}

}  // namespace clef
