#include "evaluation/ledger.hpp"

#include <gtest/gtest.h>

namespace clef {
namespace {

Cohort made_cohort(const std::vector<std::string>& patients, const std::string& data_set) {
    Cohort cohort;
    cohort.source = "made.csv";
    cohort.extra_columns = {"dataset"};
    for (const std::string& patient : patients) {
        CohortRow row;
        row.record = "record of " + patient;
        row.patient_id = patient;
        row.extras = {data_set};
        cohort.rows.push_back(row);
    }
    return cohort;
}

nlohmann::json trained_on(const std::vector<std::string>& patients, const std::string& data_set) {
    return {{"cohort", "made.csv"},
            {"ledger",
             ledger_note(made_cohort(patients, data_set), [](const CohortRow&) { return true; })}};
}

const std::vector<std::size_t> all = {0, 1, 2};

TEST(Ledger, CountsTheTestPatientsThatWereTrainedOn) {
    const Cohort test = made_cohort({"1", "2", "2"}, "ptbxl");
    const LedgerEntry entry = check_ledger(trained_on({"2", "3"}, "ptbxl"), test, all);
    EXPECT_EQ(entry.test_patients, 2U);
    EXPECT_EQ(entry.shared_patients, 1U);
    EXPECT_EQ(entry.shared_data_sets, std::vector<std::string>{"ptbxl"});
    EXPECT_EQ(entry.trained_on, "ptbxl (made.csv)");
    // Patient 2 of another data set is another one, in a joined table too.
    EXPECT_EQ(check_ledger(trained_on({"2"}, "cpsc2018"), test, all).shared_patients, 0U);
    const Cohort joined = made_cohort({"ptbxl/1", "ptbxl/2", "ptbxl/4"}, "ptbxl");
    EXPECT_EQ(check_ledger(trained_on({"2", "3"}, "ptbxl"), joined, all).shared_patients, 1U);
}

TEST(Ledger, PublishedWeightsAreComparedByTheNameOfTheirData) {
    const Cohort test = made_cohort({"1", "2", "3"}, "mimic-iv-ecg");
    const LedgerEntry entry = check_ledger({{"cohort", "MIMIC-IV-ECG"}}, test, all);
    EXPECT_FALSE(entry.shared_patients);
    EXPECT_EQ(entry.shared_data_sets, std::vector<std::string>{"mimic-iv-ecg"});
    EXPECT_TRUE(check_ledger({{"cohort", "HEEDB"}}, test, all).shared_data_sets.empty());
}

TEST(Ledger, RandomWeightsHaveSeenNothing) {
    const LedgerEntry entry =
        check_ledger(nlohmann::json::object(), made_cohort({"1", "2", "3"}, "ptbxl"), all);
    EXPECT_EQ(entry.trained_on, "nothing");
    EXPECT_EQ(entry.shared_patients, 0U);
}

TEST(Ledger, WhatTheInitialWeightsSawCountsToo) {
    const Cohort test = made_cohort({"1", "2", "3"}, "ptbxl");
    nlohmann::json provenance = trained_on({"1"}, "ptbxl");
    provenance["initial"] = trained_on({"1", "3", "5"}, "ptbxl");
    EXPECT_EQ(check_ledger(provenance, test, all).shared_patients, 2U);
    provenance["initial"] = {{"cohort", "somewhere"}};
    EXPECT_FALSE(check_ledger(provenance, test, all).shared_patients);
}

}  // namespace
}  // namespace clef
