#include "cohort/datasets/music.hpp"

#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cohort/datasets/published_table.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const DatasetOrigin origin = {"MUSIC", "PhysioNet, music-sudden-cardiac-death 1.0.1"};

constexpr const char* patient_column = "Patient ID";
constexpr const char* cause_column = "Cause of death";
constexpr const char* exit_column = "Exit of the study";
constexpr const char* follow_up_column = "Follow-up period from enrollment (days)";
constexpr const char* holter_column = "Holter available";

class Reader {
  public:
    Reader(const fs::path& folder, const fs::path& holters, double seconds)
        : holters_(holters),
          seconds_(seconds),
          table_(read_published_table(
              folder, "subject-info.csv", origin,
              {patient_column, cause_column, exit_column, follow_up_column, holter_column}, ';')) {}

    void add_rows(Cohort& cohort) {
        for (std::size_t i = 0; i < table_.rows(); ++i) {
            if (table_.number(i, holter_column, 0, 1) == 1.0) cohort.rows.push_back(row(i));
        }
    }
    std::size_t patients() const { return table_.rows(); }
    std::size_t implausible() const { return numbers_.left_out(); }

  private:
    CohortRow row(std::size_t i) {
        const std::string id = table_.text(i, patient_column);
        if (id.find_first_of("/\\") != std::string::npos) {
            fail_input("{}: found '{}', expected a patient such as P0001",
                       table_.place(i, patient_column), id);
        }
        CohortRow row;
        row.record = (holters_ / id).string();
        row.patient_id = id;
        row.split = hashed_split("music", id);
        row.start_s = 0;
        row.duration_s = seconds_;
        row.factors.age = plausible(i, "Age", 0, 130);
        row.weight_kg = plausible(i, "Weight (kg)", 0.2, 700);
        row.height_cm = plausible(i, "Height (cm)", 1, 280);
        row.factors.sbp_mmhg = plausible(i, "Systolic blood pressure (mmHg)", 20, 350);
        row.dbp_mmhg = plausible(i, "Diastolic blood pressure (mmHg)", 5, 300);
        if (const auto male = table_.number(i, "Gender (male=1)", 0, 1)) {
            row.factors.sex = *male == 1 ? Sex::male : Sex::female;
        }
        if (const auto yes = table_.number(i, "Diabetes (yes=1)", 0, 1)) {
            row.factors.diabetes = *yes == 1;
        }
        row.extras = {outcome(i), text_of(table_.number(i, follow_up_column, 0, 1e5)),
                      text_of(plausible(i, "LVEF (%)", 1, 100))};
        return row;
    }

    // A survivor's exit is empty in the published table.
    std::string outcome(std::size_t i) const {
        const auto cause = table_.number(i, cause_column, 0, 7);
        const auto exit = table_.number(i, exit_column, 0, 3);
        if (!cause) return "";
        const int code = static_cast<int>(std::lround(*cause));
        if (code == 0) return exit == 1.0 || exit == 2.0 ? "" : "survivor";
        if (code == 1) return "non-cardiac";
        if (code == 3) return "sudden";
        if (code == 6 || code == 7) return "pump-failure";
        fail_input(
            "{}: found '{}', expected 0 (survivor), 1 (non-cardiac), 3 (sudden) or 6 and 7 "
            "(pump failure)",
            table_.place(i, cause_column), table_.cell(i, cause_column));
    }

    std::optional<double> plausible(std::size_t i, const char* column, double low, double high) {
        return numbers_.take(table_.number(i, column, -1e9, 1e9), low, high);
    }
    static std::string text_of(std::optional<double> value) {
        return value ? fmt::format("{}", *value) : "";
    }

    fs::path holters_;
    double seconds_;
    PublishedTable table_;
    PlausibleNumbers numbers_;
};

IndexResult index_music(std::span<const fs::path> roots, const IndexOptions& options) {
    only_rate(options, 200, origin.title);
    if (roots.size() != 1) fail_input("MUSIC is one folder; found {}", roots.size());
    // Given Holter_ECG itself, the table lies beside it.
    const fs::path given = roots[0].filename().empty() ? roots[0].parent_path() : roots[0];
    const bool inner = given.filename() == "Holter_ECG";
    const fs::path folder = inner ? given.parent_path() : given;
    Reader reader(folder, folder / "Holter_ECG", options.window_seconds);
    IndexResult result;
    Cohort& cohort = result.cohort;
    cohort.source = (folder / "subject-info.csv").string();
    cohort.dataset = "music";
    cohort.extra_columns = {"outcome", "follow_up_days", "lvef"};
    reader.add_rows(cohort);
    result.remarks = {
        "splits: by a hash of the patient, 70 % train, 15 % val, 15 % test",
        fmt::format("each row is the first {} s of a Holter of 24 h (start_s, duration_s)",
                    options.window_seconds)};
    if (reader.implausible() > 0) {
        result.remarks.push_back(
            fmt::format("{} measurements are impossible and left empty", reader.implausible()));
    }
    compare_count(result, reader.patients(), 992, "patients");
    compare_count(result, cohort.rows.size(), 936, "Holter ECGs");
    check_records(result, options);
    return result;
}

}  // namespace

Dataset music_dataset() {
    return {"music", "MUSIC 1.0.1: Holter ECGs in chronic heart failure, outcomes", origin.source,
            index_music};
}

}  // namespace clef
