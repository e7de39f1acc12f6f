#include "formats/leads.hpp"

#include <gtest/gtest.h>

#include "formats/recording.hpp"
#include "formats/units.hpp"

namespace clef {

TEST(Leads, SpellingsOfTheTwelveLeadsHaveOneName) {
    EXPECT_EQ(canonical_lead("AVF"), "aVF");
    EXPECT_EQ(canonical_lead(" avf "), "aVF");
    EXPECT_EQ(canonical_lead("LEAD I"), "I");
    EXPECT_EQ(canonical_lead("Lead II"), "II");
    EXPECT_EQ(canonical_lead("ECG I"), "I");
    EXPECT_EQ(canonical_lead("ecg_v5"), "V5");
    EXPECT_EQ(canonical_lead("v1"), "V1");
    EXPECT_EQ(canonical_lead("DIII"), "III");
}

TEST(Leads, FrankAndSingleLeads) {
    EXPECT_EQ(canonical_lead("vx"), "X");
    EXPECT_EQ(canonical_lead("Z"), "Z");
    EXPECT_EQ(canonical_lead("ekg"), "ECG");
    EXPECT_EQ(canonical_lead("mlii"), "MLII");
}

TEST(Leads, ModifiedLimbLeadIsNotTheLimbLead) {
    EXPECT_FALSE(same_lead("MLII", "II"));
    EXPECT_TRUE(same_lead("MLII", "mlii"));
    EXPECT_TRUE(same_lead("aVR", "LEAD AVR"));
}

TEST(Leads, UnknownLabelsStayAsTheyAre) {
    EXPECT_EQ(canonical_lead("  PLETH "), "PLETH");
    EXPECT_EQ(canonical_lead("ECG 4"), "ECG 4");
    EXPECT_TRUE(same_lead("pleth", "PLETH"));
    EXPECT_FALSE(same_lead("pleth", "V"));
}

TEST(Units, OnlyVoltagesHaveAFactor) {
    EXPECT_EQ(millivolts_per("mV"), 1.0);
    EXPECT_EQ(millivolts_per("uV"), 1e-3);
    EXPECT_EQ(millivolts_per("\xC2\xB5V"), 1e-3);
    EXPECT_EQ(millivolts_per("\xCE\xBCV"), 1e-3);
    EXPECT_EQ(millivolts_per("V"), 1000.0);
    EXPECT_FALSE(millivolts_per("NU"));
    EXPECT_FALSE(millivolts_per("mmHg"));
    EXPECT_FALSE(millivolts_per(""));
}

TEST(Recording, FindsLeadsByAliasAndListsThemWhenAbsent) {
    Recording recording;
    recording.source = "somewhere";
    recording.leads = {{"I", "LEAD I", "mV", true, {1}}, {"aVF", "AVF", "mV", true, {2}}};
    EXPECT_EQ(recording.lead("avf").samples[0], 2);
    EXPECT_EQ(recording.find_lead("V1"), nullptr);
    try {
        recording.lead("V1");
        FAIL();
    } catch (const std::exception& error) {
        EXPECT_STREQ(error.what(), "somewhere: no lead V1; the leads are: I, aVF");
    }
}

}  // namespace clef
