#include "formats/leads.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
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

TEST(Leads, EveryWayOfSayingLeadOne) {
    for (const char* label : {"I", "i", "DI", "LEAD I", "Lead-I", "ECG I", "ECG-I", "EKG I",
                              "ECG Lead I", "ECG_I", "ecg: I", "Electrocardiogram I", "D1"}) {
        EXPECT_EQ(canonical_lead(label), "I") << label;
    }
}

TEST(Leads, AMinusSignTurnsALeadRoundAndAHyphenDoesNot) {
    EXPECT_EQ(canonical_lead("-aVR"), "-aVR");
    EXPECT_EQ(canonical_lead("\xE2\x88\x92"
                             "AVR"),
              "-aVR");
    EXPECT_EQ(canonical_lead("ECG -aVR"), "-aVR");
    EXPECT_EQ(canonical_lead("ECG-aVR"), "aVR");
    EXPECT_FALSE(same_lead("-aVR", "aVR"));
    EXPECT_FALSE(is_known_lead("-V1"));
    EXPECT_FALSE(is_known_lead("I-II"));
}

TEST(Leads, RightSidedPosteriorAndAmbulatoryLeads) {
    EXPECT_EQ(canonical_lead("V4r"), "V4R");
    EXPECT_EQ(canonical_lead("ECG V8"), "V8");
    EXPECT_EQ(canonical_lead("cm5"), "CM5");
    EXPECT_EQ(canonical_lead("MCL1"), "MCL1");
    EXPECT_EQ(canonical_lead("mod.V1"), "MV1");
    EXPECT_FALSE(same_lead("MV1", "V1"));
    EXPECT_EQ(canonical_lead("E-S"), "ES");
    EXPECT_EQ(canonical_lead("Frank X"), "X");
    EXPECT_EQ(canonical_lead("EKG1-EKG2"), "ECG");
}

TEST(Leads, NumberedChannelsAreEcgButNoNamedLead) {
    EXPECT_TRUE(is_known_lead("ECG1"));
    EXPECT_TRUE(is_known_lead("EKG 2"));
    EXPECT_EQ(canonical_lead("ECG1"), "ECG1");
    EXPECT_FALSE(is_known_lead("C3"));  // an electrode of an EEG
    EXPECT_FALSE(is_known_lead("ECG quality"));
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

TEST(Units, TheOptionTakesVoltagesAndGains) {
    EXPECT_EQ(parse_units_option("uV").factor, 1e-3);
    EXPECT_EQ(parse_units_option("200/mV").factor, 1.0 / 200);
    EXPECT_EQ(parse_units_option("200/mV").unit, "mV");
    EXPECT_FALSE(parse_units_option("NU").in_millivolts);
    for (const char* text : {"mVV", "", "/mV", "0/mV", "-1/mV", "200/", "200", "nan/mV"}) {
        EXPECT_THROW(parse_units_option(text), InputError) << text;
    }
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
