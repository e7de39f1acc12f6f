#include "cohort/datasets/cpsc2018.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "cohort/datasets/header_comments.hpp"
#include "cohort/datasets/header_lines.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const std::string name = "cpsc2018";
const std::string source = "PhysioNet, challenge-2020 or challenge-2021, folder cpsc_2018";

// The nine classes by name and by the SNOMED codes of PhysioNet's challenges (dx_mapping_scored.csv
// of the 2020 challenge).
const std::map<std::string, std::string> classes = {
    {"426783006", "Normal"}, {"164889003", "AF"},  {"270492004", "I-AVB"},
    {"164909002", "LBBB"},   {"59118001", "RBBB"}, {"284470004", "PAC"},
    {"164884008", "PVC"},    {"429622005", "STD"}, {"164931005", "STE"}};

std::string class_of(const std::string& code, const std::string& place) {
    const auto found = classes.find(code);
    if (found != classes.end()) return found->second;
    if (parse_integer(code)) return code;
    std::vector<std::string> names;
    for (const auto& [snomed, one] : classes) names.push_back(one);
    if (std::find(names.begin(), names.end(), code) != names.end()) return code;
    fail_input("{}: comment Dx: '{}' is no diagnosis of CPSC 2018.{}", place, code,
               suggestion(code, names));
}

CohortRow read_row(const std::string& record) {
    CohortRow row;
    row.record = record;
    row.patient_id = fs::path(record).filename().string();
    row.split = hashed_split(name, row.patient_id);
    const std::vector<std::string> comments = header_comments(record + ".hea");
    const AgeAndSex found = age_and_sex(comments);
    row.factors.age = found.age;
    row.factors.sex = found.sex;
    std::set<std::string> codes;
    for (const std::string& code : diagnoses(comments)) {
        codes.insert(class_of(code, record + ".hea"));
    }
    row.extras = {join({codes.begin(), codes.end()}, ";")};
    return row;
}

IndexResult index_cpsc2018(std::span<const fs::path> roots, const IndexOptions& options) {
    only_rate(options, 500, "CPSC 2018");
    IndexResult result;
    Cohort& cohort = result.cohort;
    cohort.dataset = name;
    cohort.extra_columns = {"diagnosis"};
    std::vector<std::string> records;
    for (const fs::path& root : roots) {
        cohort.source += (cohort.source.empty() ? "" : " + ") + root.string();
        for (std::string& record : records_below(root)) records.push_back(std::move(record));
    }
    if (records.empty()) {
        fail_input(
            "{}: no WFDB headers such as A0001.hea in it; expected CPSC 2018 as published "
            "({}). The original archive's .mat files have no headers",
            cohort.source, source);
    }
    cohort.rows.resize(records.size());
    Progress progress("reading headers", records.size(), "headers");
    parallel_for(records.size(), options.threads, [&](std::size_t i) {
        cohort.rows[i] = read_row(records[i]);
        progress.add();
    });
    std::set<std::string> seen;
    for (const CohortRow& row : cohort.rows) {
        if (!seen.insert(row.patient_id).second) {
            fail_input("{}: record {} appears twice", cohort.source, row.patient_id);
        }
    }
    result.remarks = {"the data set names no patients: each record is taken as its own patient",
                      "splits: by a hash of the record's name, 70 % train, 15 % val, 15 % test"};
    compare_count(result, cohort.rows.size(), 6877, "recordings");
    check_records(result, options);
    return result;
}

}  // namespace

Dataset cpsc2018_dataset() {
    return {name, "CPSC 2018: 12-lead ECGs of 6 to 60 s, nine diagnoses", source, index_cpsc2018};
}

}  // namespace clef
