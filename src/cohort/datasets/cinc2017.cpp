#include "cohort/datasets/cinc2017.hpp"

#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const std::string name = "cinc2017";
const std::string source = "PhysioNet, challenge-2017 1.0.0, training set";

// The folder of the signals: root/training where there is one, else the root.
fs::path signal_folder(const fs::path& root) {
    return fs::is_directory(root / "training") ? root / "training" : root;
}

fs::path reference_file(const fs::path& root) {
    const fs::path inner = root / "training" / "REFERENCE.csv";
    if (!fs::exists(root / "REFERENCE.csv") && fs::exists(inner)) return inner;
    return require_file(root, "REFERENCE.csv", "the CinC 2017 challenge", source);
}

// The challenge's original layout keeps records in folders named after their first three characters
// ("A00/A00001"); others keep them side by side.
std::string record_path(const fs::path& folder, const std::string& record) {
    const fs::path nested = folder / record.substr(0, 3) / record;
    return fs::exists(nested.string() + ".hea") ? nested.string() : (folder / record).string();
}

void add_root(const fs::path& root, Cohort& cohort, std::set<std::string>& seen) {
    const fs::path path = reference_file(root);
    cohort.source += (cohort.source.empty() ? "" : " + ") + path.string();
    const std::string text = read_text_file(path);
    std::size_t line = 0;
    for (const std::string_view raw : split(text, '\n')) {
        ++line;
        if (trim(raw).empty()) continue;
        const std::vector<std::string_view> cells = split(raw, ',');
        if (cells.size() != 2) {
            fail_input("{}: line {}: found '{}', expected a record's name, a comma and its class",
                       path.string(), line, trim(raw));
        }
        const std::string record(trim(cells[0]));
        const std::string rhythm(trim(cells[1]));
        if (record.empty() || record.find_first_of("/\\") != std::string::npos) {
            fail_input("{}: line {}: found '{}', expected the name of a record", path.string(),
                       line, record);
        }
        if (rhythm != "N" && rhythm != "A" && rhythm != "O" && rhythm != "~") {
            fail_input("{}: line {}: class '{}' of record {}: expected N, A, O or ~", path.string(),
                       line, rhythm, record);
        }
        if (!seen.insert(record).second) {
            fail_input("{}: line {}: record {} appears twice", path.string(), line, record);
        }
        CohortRow row;
        row.record = record_path(signal_folder(root), record);
        row.patient_id = record;
        row.split = hashed_split(name, record);
        row.extras = {rhythm};
        cohort.rows.push_back(std::move(row));
    }
}

IndexResult index_cinc2017(std::span<const fs::path> roots, const IndexOptions& options) {
    only_rate(options, 300, "CinC 2017");
    IndexResult result;
    result.cohort.dataset = name;
    result.cohort.extra_columns = {"rhythm"};
    std::set<std::string> seen;
    for (const fs::path& root : roots) add_root(root, result.cohort, seen);
    result.remarks = {"the data set names no patients: each record is taken as its own patient",
                      "splits: by a hash of the record's name, 70 % train, 15 % val, 15 % test"};
    compare_count(result, result.cohort.rows.size(), 8528, "recordings of the training set");
    check_records(result, options);
    return result;
}

}  // namespace

Dataset cinc2017_dataset() {
    return {name, "PhysioNet/CinC 2017: hand-held single-lead ECGs, four rhythm classes", source,
            index_cinc2017};
}

}  // namespace clef
