#include "cohort/quality_notes.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/progress.hpp"
#include "cohort/simulator/simulator.hpp"
#include "shared.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;

class QualityNotesTest : public ::testing::Test {
  protected:
    QualityNotesTest() {
        set_quiet(true);
        SimulatorOptions simulator;
        simulator.patients = 4;
        cohort_ = simulate(simulator, folder_.path() / "cohort");
        options_.notes = folder_.path() / "notes";
    }

    std::vector<std::vector<std::string>> measure() const {
        Cohort cohort = cohort_;
        add_quality_columns(cohort, options_);
        std::vector<std::vector<std::string>> cells;
        for (const CohortRow& row : cohort.rows) cells.push_back(row.extras);
        return cells;
    }
    std::string notes() const {
        std::ifstream file(options_.notes, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    // The samples, not the header: what is noted is not read again.
    void lose_samples(const CohortRow& row) const {
        fs::path path = cohort_.path_of(row);
        path.replace_extension(".dat");
        ASSERT_TRUE(fs::remove(path)) << path;
    }

    testing::TemporaryFolder folder_;
    Cohort cohort_;
    QualityColumnOptions options_;
};

TEST_F(QualityNotesTest, WhatWasMeasuredIsNotMeasuredAgain) {
    const auto first = measure();
    for (const CohortRow& row : cohort_.rows) lose_samples(row);
    EXPECT_EQ(measure(), first);
    options_.notes.clear();
    EXPECT_NE(measure(), first);
}

TEST_F(QualityNotesTest, WhatCouldNotBeReadIsTriedAgain) {
    const fs::path notes = options_.notes;
    options_.notes.clear();
    const auto whole = measure();
    options_.notes = notes;
    const fs::path samples =
        fs::path(cohort_.path_of(cohort_.rows.front())).replace_extension(".dat");
    const fs::path aside = folder_.path() / "aside.dat";
    fs::rename(samples, aside);
    EXPECT_NE(measure(), whole);
    fs::rename(aside, samples);
    EXPECT_EQ(measure(), whole);
}

TEST_F(QualityNotesTest, ALineThatACrashHasCutIsMeasuredAgain) {
    const auto first = measure();
    const std::string whole = notes();
    const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
    for (const std::size_t end : {last + 3, whole.size() - 1, whole.size() - 3}) {
        write_file(options_.notes, whole.substr(0, end));
        EXPECT_EQ(measure(), first) << end;
        EXPECT_EQ(notes().size(), whole.size()) << end;
    }
    write_file(options_.notes, "something else\n");
    EXPECT_EQ(measure(), first);
}

TEST_F(QualityNotesTest, OtherSettingsAndOtherFilesAreMeasuredAnew) {
    options_.lead = std::string("I");  // GCC 12 sees an overlap in assigning the text itself
    const auto of_one = measure();
    options_.lead = std::string("V1");
    const auto of_other = measure();
    EXPECT_NE(of_other, of_one);
    const CohortRow& row = cohort_.rows.front();
    const std::string key = QualityNotes::key_of(cohort_, row);
    fs::last_write_time(fs::path(cohort_.path_of(row)).replace_extension(".hea"),
                        fs::file_time_type::clock::now() + std::chrono::hours(1));
    EXPECT_NE(QualityNotes::key_of(cohort_, row), key);
}

}  // namespace
}  // namespace clef
