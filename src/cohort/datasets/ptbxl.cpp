#include "cohort/datasets/ptbxl.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cohort/datasets/scp_codes.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const std::string source = "PhysioNet, ptb-xl 1.0.3";
const std::vector<std::string> labels = {
    "superdiagnostic", "subdiagnostic", "diagnostic", "form",
    "rhythm",          "strat_fold",    "ecg_id",     "scp_codes"};

// Reads one root's database, row by row; every failure names file, line and column.
class Reader {
  public:
    Reader(const fs::path& root, const IndexOptions& options)
        : root_(root),
          options_(options),
          statements_(
              read_scp_statements(require_file(root, "scp_statements.csv", "PTB-XL", source))),
          table_(read_csv(require_file(root, "ptbxl_database.csv", "PTB-XL", source))) {
        for (const char* column : {"ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold",
                                   "filename_lr", "filename_hr"}) {
            table_.require(column);
        }
    }

    Cohort cohort() {
        Cohort cohort;
        cohort.source = table_.source;
        cohort.dataset = "ptbxl";
        cohort.extra_columns = labels;
        for (row_ = 0; row_ < table_.rows.size(); ++row_) cohort.rows.push_back(read_row());
        return cohort;
    }

    std::size_t over_89 = 0;
    std::size_t unnamed = 0;  // rows without patient_id

  private:
    std::string_view cell(std::string_view column) const {
        const auto index = table_.find(column);
        return index ? trim(table_.rows[row_][*index]) : std::string_view();
    }
    std::string place(std::string_view column) const {
        return fmt::format("{}: line {}: column '{}'", table_.source, table_.lines[row_], column);
    }
    std::optional<double> number(std::string_view column, double low, double high) const {
        const std::string_view text = cell(column);
        if (text.empty()) return std::nullopt;
        const auto value = parse_double(text);
        if (!value || *value < low || *value > high) {
            fail_input("{}: found '{}', expected a number from {} to {}", place(column), text, low,
                       high);
        }
        return value;
    }
    std::string identity(std::string_view column) const {
        const auto value = number(column, 0, 1e12);
        return value ? fmt::format("{:.0f}", *value) : std::string();
    }

    CohortRow read_row() {
        CohortRow row;
        row.line = table_.lines[row_];
        row.record = record();
        const std::string ecg_id = identity("ecg_id");
        row.patient_id = identity("patient_id");
        if (row.patient_id.empty()) {
            row.patient_id = "ecg-" + ecg_id;
            ++unnamed;
        }
        row.factors.age = age();
        if (const auto sex = number("sex", 0, 1)) {
            row.factors.sex = *sex == 0 ? Sex::male : Sex::female;
        }
        row.height_cm = number("height", 1, 280);
        row.weight_kg = number("weight", 0.2, 700);
        const std::string fold = identity("strat_fold");
        row.split = split(fold);
        row.extras = classes();
        row.extras.insert(row.extras.end(), {fold, ecg_id, std::string(cell("scp_codes"))});
        return row;
    }

    std::optional<double> age() {
        constexpr double over_89_code = 300;  // as the data set's description says
        const auto age = number("age", 0, over_89_code);
        if (age != over_89_code) return age;
        ++over_89;
        return 90;
    }

    // The file of the rate asked for; of the highest rate whose name is given otherwise.
    std::string record() const {
        const std::string_view low = cell("filename_lr");
        const std::string_view high = cell("filename_hr");
        const bool want_low = options_.sampling_rate == 100;
        const std::string_view name = want_low || high.empty() ? low : high;
        const bool no_high = options_.sampling_rate == 500 && high.empty();
        if (name.empty() || no_high) {
            fail_input("{}: empty; expected the name of the record at {} Hz",
                       place(no_high ? "filename_hr" : "filename_lr"), no_high ? 500 : 100);
        }
        // Where only the 100 Hz files were downloaded, those.
        if (options_.sampling_rate == 0 && !low.empty() && !fs::exists(header_of(name)) &&
            fs::exists(header_of(low))) {
            return (root_ / low).string();
        }
        return (root_ / name).string();
    }
    fs::path header_of(std::string_view name) const { return root_ / (std::string(name) + ".hea"); }

    std::string split(const std::string& fold) const {
        const auto value = parse_integer(fold);
        if (!value || *value < 1 || *value > 10) {
            fail_input("{}: found '{}', expected a fold from 1 to 10", place("strat_fold"),
                       cell("strat_fold"));
        }
        return *value <= 8 ? "train" : *value == 9 ? "val" : "test";
    }

    // superdiagnostic … rhythm, in the order of `labels`; classes sorted, each once.
    std::vector<std::string> classes() const {
        constexpr std::string ScpStatement::*kinds[] = {
            &ScpStatement::superdiagnostic, &ScpStatement::subdiagnostic, &ScpStatement::diagnostic,
            &ScpStatement::form, &ScpStatement::rhythm};
        const auto codes = parse_scp_codes(cell("scp_codes"), place("scp_codes"));
        std::vector<std::string> result;
        for (const auto kind : kinds) {
            std::vector<std::string> found;
            for (const auto& [code, likelihood] : codes) {
                const auto statement = statements_.find(code);
                if (statement == statements_.end()) {
                    fail_input("{}: statement '{}' is not in scp_statements.csv",
                               place("scp_codes"), code);
                }
                const std::string& name = statement->second.*kind;
                if (!name.empty()) found.push_back(name);
            }
            std::sort(found.begin(), found.end());
            found.erase(std::unique(found.begin(), found.end()), found.end());
            result.push_back(join(found, ";"));
        }
        return result;
    }

    fs::path root_;
    IndexOptions options_;
    std::map<std::string, ScpStatement> statements_;
    CsvTable table_;
    std::size_t row_ = 0;
};

// Parts of the data set must not overlap: a record in both would count twice.
void refuse_doubles(const Cohort& cohort) {
    const std::size_t column = cohort.label_column("ecg_id");
    std::map<std::string, const CohortRow*> seen;
    for (const CohortRow& row : cohort.rows) {
        const auto [first, fresh] = seen.emplace(row.extras[column], &row);
        if (!fresh) {
            fail_input("{}: ECG {} appears twice ({} and {}); give each part of PTB-XL once",
                       cohort.source, row.extras[column], first->second->record, row.record);
        }
    }
}

IndexResult index_ptbxl(std::span<const fs::path> roots, const IndexOptions& options) {
    if (options.sampling_rate != 0 && options.sampling_rate != 100 &&
        options.sampling_rate != 500) {
        fail_input("--sampling-rate {}: PTB-XL has 100 and 500 Hz", options.sampling_rate);
    }
    std::vector<Cohort> parts;
    std::size_t over_89 = 0;
    std::size_t unnamed = 0;
    for (const fs::path& root : roots) {
        Reader reader(root, options);
        parts.push_back(reader.cohort());
        over_89 += reader.over_89;
        unnamed += reader.unnamed;
    }
    IndexResult result;
    result.cohort = join_cohorts(parts, "");
    refuse_doubles(result.cohort);
    result.remarks = {
        "splits: strat_fold 1-8 train, 9 val, 10 test",
        "labels: every statement counts, whatever its likelihood (the data set's own rule)"};
    if (unnamed > 0) {
        result.remarks.push_back(
            fmt::format("{} rows have no patient_id: each is taken as its own patient", unnamed));
    }
    if (over_89 > 0) {
        result.remarks.push_back(
            fmt::format("{} ages are given as 300, meaning over 89: written as 90", over_89));
    }
    compare_count(result, result.cohort.rows.size(), 21799, "recordings");
    check_records(result, options);
    return result;
}

}  // namespace

Dataset ptbxl_dataset() {
    return {"ptbxl", "PTB-XL 1.0.3: clinical 12-lead ECGs of 10 s with diagnostic statements",
            source, index_ptbxl};
}

}  // namespace clef
