#include "cohort/datasets/mimic_iv_ecg.hpp"

#include <unordered_map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cohort/datasets/published_table.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const DatasetOrigin origin = {"MIMIC-IV-ECG", "PhysioNet, mimic-iv-ecg 1.0"};
const DatasetOrigin lvef_origin = {
    "the LVEF labels of MIMIC-IV-ECG",
    "the table of ECGs with an echocardiogram's ejection fraction that CLEF was evaluated on"};
const DatasetOrigin patients_origin = {"MIMIC-IV", "PhysioNet, mimiciv 3.1, hosp/patients.csv"};

const std::vector<std::string> columns = {"study_id", "ecg_time", "report", "heart_rate_bpm",
                                          "pr_ms",    "qrs_ms",   "qt_ms"};
enum Column { study_id, ecg_time, report, heart_rate, pr, qrs, qt };

// A row per record; `index` finds a row by its study.
struct Records {
    std::vector<CohortRow> rows;
    std::unordered_map<std::string, std::size_t> by_study;
};

Records read_records(const fs::path& root) {
    Records records;
    const auto add = [&](const PublishedTable& table) {
        for (std::size_t i = 0; i < table.rows(); ++i) {
            const std::string path = table.text(i, "path");
            if (fs::path(path).is_absolute() || path.find("..") != std::string::npos) {
                fail_input("{}: found '{}', expected a path below the data set's folder",
                           table.place(i, "path"), path);
            }
            CohortRow row;
            row.record = (root / path).string();
            row.patient_id = table.text(i, "subject_id");
            row.extras.resize(columns.size());
            row.extras[study_id] = table.text(i, "study_id");
            row.extras[ecg_time] = table.cell(i, "ecg_time");
            if (!records.by_study.emplace(row.extras[study_id], records.rows.size()).second) {
                fail_input("{}: study {} appears twice", table.place(i, "study_id"),
                           row.extras[study_id]);
            }
            records.rows.push_back(std::move(row));
        }
    };
    read_published_pieces(root, "record_list.csv", origin,
                          {"subject_id", "study_id", "ecg_time", "path"}, add);
    return records;
}

// A time or interval of the carts; nothing where it was not measured.
std::optional<double> measured(const PublishedTable& table, std::size_t i, const char* column) {
    constexpr double not_measured = 29999;
    const auto value = published_number(table.cell(i, column));
    if (!value || *value >= not_measured || *value < 0) return std::nullopt;
    return value;
}

std::string interval(std::optional<double> from, std::optional<double> to) {
    return from && to && *to > *from ? fmt::format("{}", *to - *from) : "";
}

std::string report_of(const PublishedTable& table, std::size_t i,
                      const std::vector<std::string>& reports) {
    std::vector<std::string> statements;
    for (const std::string& column : reports) {
        const std::string_view text = table.cell(i, column);
        if (!text.empty()) statements.emplace_back(text);
    }
    return join(statements, " | ");
}

void add_measurements(const fs::path& root, Records& records, IndexResult& result) {
    constexpr const char* file = "machine_measurements.csv";
    if (!fs::exists(root / file)) {
        result.remarks.push_back(
            fmt::format("no {} in {}: the columns report, heart_rate_bpm, pr_ms, qrs_ms and qt_ms "
                        "are empty; get it from {}",
                        file, root.string(), origin.source));
        return;
    }
    std::vector<std::string> reports;
    for (int i = 0; i < 18; ++i) reports.push_back(fmt::format("report_{}", i));
    const auto add = [&](const PublishedTable& table) {
        for (std::size_t i = 0; i < table.rows(); ++i) {
            const auto found = records.by_study.find(std::string(table.cell(i, "study_id")));
            if (found == records.by_study.end()) continue;
            std::vector<std::string>& extras = records.rows[found->second].extras;
            extras[report] = report_of(table, i, reports);
            const auto rr = measured(table, i, "rr_interval");
            if (rr && *rr > 0) extras[heart_rate] = fmt::format("{:.4g}", 60000 / *rr);
            const auto qrs_onset = measured(table, i, "qrs_onset");
            extras[pr] = interval(measured(table, i, "p_onset"), qrs_onset);
            extras[qrs] = interval(qrs_onset, measured(table, i, "qrs_end"));
            extras[qt] = interval(qrs_onset, measured(table, i, "t_end"));
        }
    };
    read_published_pieces(
        root, file, origin,
        {"study_id", "report_0", "rr_interval", "p_onset", "qrs_onset", "qrs_end", "t_end"}, add);
}

// Age at the recording: MIMIC-IV gives the age in one year, dates shifted alike.
void add_patients(const fs::path& root, Records& records, IndexResult& result) {
    constexpr const char* file = "patients.csv";
    if (!fs::exists(root / file)) {
        result.remarks.push_back(fmt::format("no {} in {}: age and sex are empty; it is part of {}",
                                             file, root.string(), patients_origin.source));
        return;
    }
    struct Patient {
        std::optional<Sex> sex;
        double age = 0, year = 0;
    };
    std::unordered_map<std::string, Patient> patients;
    const PublishedTable table = read_published_table(
        root, file, patients_origin, {"subject_id", "gender", "anchor_age", "anchor_year"});
    for (std::size_t i = 0; i < table.rows(); ++i) {
        const std::string_view gender = table.cell(i, "gender");
        Patient one;
        if (gender == "M") one.sex = Sex::male;
        if (gender == "F") one.sex = Sex::female;
        one.age = table.number(i, "anchor_age", 0, 130).value_or(-1);
        one.year = table.number(i, "anchor_year", 0, 9999).value_or(0);
        patients.emplace(table.text(i, "subject_id"), one);
    }
    for (CohortRow& row : records.rows) {
        const auto found = patients.find(row.patient_id);
        if (found == patients.end()) continue;
        row.factors.sex = found->second.sex;
        const auto year = parse_integer(row.extras[ecg_time].substr(0, 4));
        const double age =
            year ? found->second.age + static_cast<double>(*year) - found->second.year : -1;
        if (found->second.age >= 0 && age >= 0 && age <= 130) row.factors.age = age;
    }
}

Records read_all(std::span<const fs::path> roots, const IndexOptions& options,
                 IndexResult& result) {
    only_rate(options, 500, origin.title);
    if (roots.size() != 1) fail_input("MIMIC-IV-ECG is one folder; found {}", roots.size());
    result.cohort.source = (roots[0] / "record_list.csv").string();
    Records records = read_records(roots[0]);
    compare_count(result, records.rows.size(), 800035, "recordings");
    add_measurements(roots[0], records, result);
    add_patients(roots[0], records, result);
    return records;
}

IndexResult index_all(std::span<const fs::path> roots, const IndexOptions& options) {
    IndexResult result;
    Records records = read_all(roots, options, result);
    result.cohort.dataset = "mimic-iv-ecg";
    result.cohort.extra_columns = columns;
    for (CohortRow& row : records.rows) row.split = hashed_split("mimic-iv-ecg", row.patient_id);
    result.cohort.rows = std::move(records.rows);
    result.remarks.push_back("splits: by a hash of the patient, 70 % train, 15 % val, 15 % test");
    check_records(result, options);
    return result;
}

// "files/p1000/p10000032/s40689238/40689238" → "40689238"
std::string study_of(std::string_view path) {
    std::string study = fs::path(path).filename().string();
    if (study.ends_with(".hea") || study.ends_with(".dat")) study.resize(study.size() - 4);
    return study;
}

// The part of a table of `count` rows that row i lies in.
const char* part_of(std::size_t i, std::size_t count) {
    return 10 * i < 8 * count ? "train" : 10 * i < 9 * count ? "val" : "test";
}

CohortRow lvef_row(const CsvTable& table, std::size_t i, const Records& records) {
    const std::vector<std::string>& cells = table.rows[i];
    const std::size_t last = cells.size() - 1;
    const auto fail = [&](std::size_t column, const char* expected) {
        fail_input("{}: line {}: column '{}': found '{}', expected {}", table.source,
                   table.lines[i], table.columns[column], cells[column], expected);
    };
    const auto found = records.by_study.find(study_of(trim(cells[1])));
    if (found == records.by_study.end()) fail(1, "the path of a record of record_list.csv");
    const auto fraction = parse_double(cells[last - 1]);
    if (!fraction || *fraction <= 0 || *fraction > 100) {
        fail(last - 1, "an ejection fraction in % from 0 to 100");
    }
    const auto low = parse_double(cells[last]);
    if (low != 0.0 && low != 1.0) fail(last, "1 (low) or 0");
    CohortRow row = records.rows[found->second];
    row.extras.push_back(fmt::format("{}", *fraction));
    row.extras.emplace_back(low == 1.0 ? "1" : "0");
    return row;
}

IndexResult index_lvef(std::span<const fs::path> roots, const IndexOptions& options) {
    IndexResult result;
    const Records records = read_all(roots, options, result);
    const CsvTable table =
        read_csv(require_file(roots[0], "LVEF.csv", lvef_origin.title, lvef_origin.source));
    if (table.columns.size() < 4) {
        fail_input(
            "{}: {} columns, expected the record's path in the second, the ejection "
            "fraction in the last but one and its label in the last",
            table.source, table.columns.size());
    }
    result.cohort.dataset = "mimic-iv-ecg-lvef";
    result.cohort.extra_columns = columns;
    result.cohort.extra_columns.insert(result.cohort.extra_columns.end(), {"lvef", "low_lvef"});
    std::unordered_map<std::string, std::string> splits;  // of the patients
    std::size_t moved = 0;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        CohortRow row = lvef_row(table, i, records);
        const std::string part = part_of(i, table.rows.size());
        row.split = splits.emplace(row.patient_id, part).first->second;
        if (row.split != part) ++moved;
        result.cohort.rows.push_back(std::move(row));
    }
    result.remarks.push_back(fmt::format(
        "splits: the first 80 % of the rows of LVEF.csv train, the next 10 % val, the last 10 % "
        "test; {} rows moved to where their patient's first row lies",
        moved));
    check_records(result, options);
    return result;
}

}  // namespace

Dataset mimic_iv_ecg_dataset() {
    return {"mimic-iv-ecg", "MIMIC-IV-ECG 1.0: 12-lead ECGs of 10 s with the carts' reports",
            origin.source, index_all};
}

Dataset mimic_iv_ecg_lvef_dataset() {
    return {"mimic-iv-ecg-lvef", "MIMIC-IV-ECG 1.0: the recordings with an ejection fraction",
            origin.source, index_lvef};
}

}  // namespace clef
