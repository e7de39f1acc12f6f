#include "cohort/datasets/ludb.hpp"

#include <array>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cohort/datasets/published_table.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const std::string name = "ludb";
const DatasetOrigin origin = {"the Lobachevsky University database", "PhysioNet, ludb 1.0.1"};

// Published column → the cohort's.
const std::array<std::pair<const char*, const char*>, 9> labels = {
    {{"Rhythms", "rhythm"},
     {"Electric axis of the heart", "axis"},
     {"Conduction abnormalities", "conduction"},
     {"Extrasystolies", "extrasystoles"},
     {"Hypertrophies", "hypertrophies"},
     {"Cardiac pacing", "pacing"},
     {"Ischemia", "ischemia"},
     {"Non-specific repolarization abnormalities", "repolarization"},
     {"Other states", "other"}}};

// Statements, one a line, joined by ';'.
std::string statements(std::string_view cell) {
    std::vector<std::string> found;
    for (const std::string_view line : split(cell, '\n')) {
        std::string_view text = trim(line);
        if (text.ends_with('.')) text = trim(text.substr(0, text.size() - 1));
        constexpr std::string_view axis = "Electric axis of the heart:";
        if (text.starts_with(axis)) text = trim(text.substr(axis.size()));
        std::string statement(text);
        for (char& c : statement) {
            if (c == ';') c = ',';
        }
        if (!statement.empty()) found.push_back(std::move(statement));
    }
    return join(found, ";");
}

class Reader {
  public:
    explicit Reader(const fs::path& root)
        : root_(root), table_(read_published_table(root, "ludb.csv", origin, required())) {}

    void add_rows(Cohort& cohort) {
        for (std::size_t i = 0; i < table_.rows(); ++i) cohort.rows.push_back(row(i));
    }
    std::size_t over_89 = 0;

  private:
    static std::vector<std::string> required() {
        std::vector<std::string> names = {"ID", "Sex", "Age"};
        for (const auto& [published, own] : labels) names.emplace_back(published);
        return names;
    }

    CohortRow row(std::size_t i) {
        const std::string id = table_.text(i, "ID");
        if (!parse_integer(id)) {
            fail_input("{}: found '{}', expected a record's number", table_.place(i, "ID"), id);
        }
        CohortRow row;
        row.record = ((fs::is_directory(root_ / "data") ? root_ / "data" : root_) / id).string();
        row.patient_id = id;
        row.split = hashed_split(name, id);
        row.factors.sex = sex(i);
        row.factors.age = age(i);
        for (const auto& [published, own] : labels) {
            row.extras.push_back(statements(table_.cell(i, published)));
        }
        return row;
    }

    std::optional<double> age(std::size_t i) {
        if (table_.cell(i, "Age") != ">89") return table_.number(i, "Age", 0, 130);
        ++over_89;
        return 90;
    }

    std::optional<Sex> sex(std::size_t i) const {
        const std::string_view cell = table_.cell(i, "Sex");
        if (cell.empty()) return std::nullopt;
        if (cell != "M" && cell != "F") {
            fail_input("{}: found '{}', expected M or F", table_.place(i, "Sex"), cell);
        }
        return cell == "M" ? Sex::male : Sex::female;
    }

    fs::path root_;
    PublishedTable table_;
};

IndexResult index_ludb(std::span<const fs::path> roots, const IndexOptions& options) {
    only_rate(options, 500, "LUDB");
    if (roots.size() != 1) fail_input("LUDB is one folder; found {}", roots.size());
    IndexResult result;
    result.cohort.dataset = name;
    result.cohort.source = (roots[0] / "ludb.csv").string();
    for (const auto& [published, own] : labels) result.cohort.extra_columns.emplace_back(own);
    Reader reader(roots[0]);
    reader.add_rows(result.cohort);
    result.remarks = {"splits: by a hash of the record's name, 70 % train, 15 % val, 15 % test"};
    if (reader.over_89 > 0) {
        result.remarks.push_back(
            fmt::format("{} ages are given as over 89: written as 90", reader.over_89));
    }
    compare_count(result, result.cohort.rows.size(), 200, "recordings");
    check_records(result, options);
    return result;
}

}  // namespace

Dataset ludb_dataset() {
    return {name, "LUDB 1.0.1: 12-lead ECGs of 10 s with rhythm and other statements",
            origin.source, index_ludb};
}

}  // namespace clef
