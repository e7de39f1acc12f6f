#include "cohort/datasets/mc_med.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "cohort/datasets/published_table.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const DatasetOrigin origin = {"MC-MED", "PhysioNet, mc-med 1.0.1"};

// The folder of the tables: root/data where there is one.
fs::path tables_folder(const fs::path& root) {
    return fs::exists(root / "visits.csv")            ? root
           : fs::exists(root / "data" / "visits.csv") ? root / "data"
                                                      : root;
}

// CSN → split.
std::unordered_map<std::string, std::string> read_splits(const fs::path& root) {
    std::unordered_map<std::string, std::string> splits;
    for (const std::string split : {"train", "val", "test"}) {
        const fs::path path = require_file(root, fmt::format("split_chrono_{}.csv", split),
                                           origin.title, origin.source);
        const MappedFile file(path);
        std::size_t line = 0;
        for (const std::string_view raw : clef::split(file.text(), '\n')) {
            ++line;
            const std::string_view id = trim(raw);
            if (id.empty() || (line == 1 && !parse_integer(id))) continue;  // a header
            if (!parse_integer(id)) {
                fail_input("{}: line {}: found '{}', expected a visit's number (CSN)",
                           path.string(), line, id);
            }
            const auto [at, fresh] = splits.emplace(id, split);
            if (!fresh) {
                fail_input("{}: line {}: visit {} is in split_chrono_{}.csv too", path.string(),
                           line, id, at->second);
            }
        }
    }
    return splits;
}

class Reader {
  public:
    explicit Reader(const fs::path& root)
        : root_(root),
          table_(read_published_table(
              root, "visits.csv", origin,
              {"Triage_SBP", "Triage_DBP", "Triage_acuity", "ED_dispo", "DC_dispo"})),
          id_(table_.has("CSN") ? "CSN" : "visit_id"),
          splits_(read_splits(root)) {
        if (!table_.has(id_)) {
            fail_input("{}: no column 'CSN' or 'visit_id' with the visits' numbers; {} has it ({})",
                       table_.source(), origin.title, origin.source);
        }
    }

    std::size_t visits() const { return table_.rows(); }
    bool has_patients() const { return table_.has("MRN"); }
    std::size_t implausible() const { return numbers_.left_out(); }

    // Where lead II of each visit would lie; "" where the table says that there is none.
    std::vector<std::string> records() const {
        std::vector<std::string> records(visits());
        for (std::size_t i = 0; i < visits(); ++i) {
            if (table_.cell(i, "II_n_segments") == "0") continue;
            const std::string id = visit_id(i);
            records[i] =
                (root_ / "waveforms" / id.substr(id.size() - 3) / id / "II" / (id + "_1")).string();
        }
        return records;
    }

    CohortRow row(std::size_t i, const std::string& record) {
        CohortRow row;
        row.record = record;
        const std::string id = visit_id(i);
        row.patient_id = has_patients() ? table_.text(i, "MRN") : id;
        const auto split = splits_.find(id);
        if (split != splits_.end()) row.split = split->second;
        row.factors.age = numbers_.take(number(i, "Age"), 0, 130);
        const std::string_view sex = table_.cell(i, "Gender");
        if (sex == "M" || sex == "Male") row.factors.sex = Sex::male;
        if (sex == "F" || sex == "Female") row.factors.sex = Sex::female;
        row.factors.sbp_mmhg = numbers_.take(number(i, "Triage_SBP"), 20, 350);
        row.dbp_mmhg = numbers_.take(number(i, "Triage_DBP"), 5, 300);
        row.extras = {std::string(table_.cell(i, "ED_dispo")),
                      std::string(table_.cell(i, "DC_dispo")),
                      std::string(table_.cell(i, "Triage_acuity")), id};
        return row;
    }

  private:
    // Three digits at least, none of them a path's.
    std::string visit_id(std::size_t i) const {
        const std::string id = table_.text(i, id_);
        if (id.size() < 3 || !parse_integer(id) || id[0] == '-' || id[0] == '+') {
            fail_input("{}: found '{}', expected a visit's number", table_.place(i, id_), id);
        }
        return id;
    }
    std::optional<double> number(std::size_t i, const char* column) const {
        return table_.number(i, column, -1e9, 1e9);
    }

    fs::path root_;
    PublishedTable table_;
    std::string id_;
    std::unordered_map<std::string, std::string> splits_;
    PlausibleNumbers numbers_;
};

// No patient on both sides: the latest part wins. Returns how many rows lose their split.
std::size_t separate_patients(std::vector<CohortRow>& rows) {
    const auto rank = [](const std::string& split) {
        return split == "test" ? 3 : split == "val" ? 2 : split == "train" ? 1 : 0;
    };
    std::unordered_map<std::string, std::string> last;
    for (const CohortRow& row : rows) {
        std::string& split = last[row.patient_id];
        if (rank(row.split) > rank(split)) split = row.split;
    }
    std::size_t changed = 0;
    for (CohortRow& row : rows) {
        if (row.split.empty() || row.split == last[row.patient_id]) continue;
        row.split.clear();
        ++changed;
    }
    return changed;
}

std::vector<char> existing(const std::vector<std::string>& records, unsigned threads) {
    std::vector<char> there(records.size(), 0);
    constexpr std::size_t piece = 1000;
    Progress progress("looking for recordings", records.size(), "visits");
    parallel_for((records.size() + piece - 1) / piece, threads, [&](std::size_t p) {
        const std::size_t end = std::min((p + 1) * piece, records.size());
        for (std::size_t i = p * piece; i < end; ++i) {
            there[i] = !records[i].empty() && fs::is_regular_file(records[i] + ".hea") ? 1 : 0;
        }
        progress.add(end - p * piece);
    });
    return there;
}

IndexResult index_mc_med(std::span<const fs::path> roots, const IndexOptions& options) {
    only_rate(options, 500, origin.title);
    if (roots.size() != 1) fail_input("MC-MED is one folder; found {}", roots.size());
    const fs::path root = tables_folder(roots[0]);
    Reader reader(root);
    IndexResult result;
    Cohort& cohort = result.cohort;
    cohort.source = (root / "visits.csv").string();
    cohort.dataset = "mc-med";
    cohort.extra_columns = {"ed_disposition", "discharge_disposition", "triage_acuity", "csn"};
    const std::vector<std::string> records = reader.records();
    const std::vector<char> there = existing(records, options.threads);
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (there[i] != 0) cohort.rows.push_back(reader.row(i, records[i]));
    }
    if (cohort.rows.empty()) {
        fail_input(
            "{}: none of its {} visits has a lead II; expected files such as "
            "waveforms/XXX/ID/II/ID_1.hea beside it",
            cohort.source, records.size());
    }
    result.remarks = {
        "splits: split_chrono_train.csv, split_chrono_val.csv and split_chrono_test.csv",
        fmt::format("{} of {} visits have a lead II; the others are left out", cohort.rows.size(),
                    records.size())};
    if (const std::size_t changed = separate_patients(cohort.rows); changed > 0) {
        result.remarks.push_back(fmt::format(
            "{} visits of patients who are in a later part too have no split", changed));
    }
    if (!reader.has_patients()) {
        result.remarks.push_back("no column MRN: each visit is taken as its own patient");
    }
    if (reader.implausible() > 0) {
        result.remarks.push_back(fmt::format(
            "{} ages and blood pressures are impossible and left empty", reader.implausible()));
    }
    compare_count(result, records.size(), 118385, "visits");
    return result;
}

}  // namespace

Dataset mc_med_dataset() {
    return {"mc-med", "MC-MED 1.0.1: monitor lead II of emergency visits, dispositions, acuity",
            origin.source, index_mc_med};
}

}  // namespace clef
