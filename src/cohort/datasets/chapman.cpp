#include "cohort/datasets/chapman.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "cohort/datasets/header_comments.hpp"
#include "cohort/datasets/header_lines.hpp"
#include "cohort/datasets/published_table.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const std::string name = "chapman";
const DatasetOrigin origin = {"Chapman–Shaoxing–Ningbo", "PhysioNet, ecg-arrhythmia 1.0.0"};
const DatasetOrigin splits_origin = {
    "the HeartLang split of Chapman–Shaoxing–Ningbo",
    "github.com/PKUDigitalHealth/HeartLang, datasets/dataset_preprocess/CSN"};
const std::vector<std::string> columns = {"diagnosis", "heartlang_classes"};

// SNOMED code → acronym, the first where several share a code.
std::map<std::string, std::string> acronyms(const fs::path& root) {
    const PublishedTable table = read_published_table(root, "ConditionNames_SNOMED-CT.csv", origin,
                                                      {"Acronym Name", "Full Name", "Snomed_CT"});
    std::map<std::string, std::string> names;
    for (std::size_t i = 0; i < table.rows(); ++i) {
        names.emplace(table.text(i, "Snomed_CT"), table.text(i, "Acronym Name"));
    }
    return names;
}

std::string joined(std::vector<std::string> codes) {
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    return join(codes, ";");
}

CohortRow row_of(const std::string& record) {
    CohortRow row;
    row.record = record;
    row.patient_id = fs::path(record).filename().string();
    row.extras.resize(columns.size());
    return row;
}

// "/chapman/WFDBRecords/08/089/JS08246.mat" → root/WFDBRecords/08/089/JS08246
std::string record_of(const fs::path& root, const PublishedTable& table, std::size_t i) {
    const std::string path = table.text(i, "ecg_path");
    const std::size_t start = path.find("WFDBRecords/");
    if (start == std::string::npos || path.find("..") != std::string::npos) {
        fail_input("{}: found '{}', expected a path with WFDBRecords/ in it",
                   table.place(i, "ecg_path"), path);
    }
    return (root / fs::path(path.substr(start)).replace_extension()).string();
}

// The rows of one split's table.
void add_split(const fs::path& root, const std::string& split, Cohort& cohort) {
    const PublishedTable table = read_published_table(root, fmt::format("chapman_{}.csv", split),
                                                      splits_origin, {"ecg_path", "diagnose"});
    std::vector<std::string> classes;
    for (const std::string& column : table.columns()) {
        if (column != "ecg_path" && column != "age" && column != "diagnose")
            classes.push_back(column);
    }
    for (std::size_t i = 0; i < table.rows(); ++i) {
        CohortRow row = row_of(record_of(root, table, i));
        row.split = split;
        std::vector<std::string> found;
        for (const std::string_view code : clef::split(table.cell(i, "diagnose"), ',')) {
            if (!trim(code).empty()) found.emplace_back(trim(code));
        }
        row.extras[0] = joined(std::move(found));
        std::vector<std::string> marked;
        for (const std::string& one : classes) {
            if (table.number(i, one, 0, 1) == 1.0) marked.push_back(one);
        }
        row.extras[1] = marked.empty() ? "none" : join(marked, ";");
        cohort.rows.push_back(std::move(row));
    }
}

bool has_splits(const fs::path& root) {
    return fs::exists(root / "chapman_train.csv") || fs::exists(root / "chapman_val.csv") ||
           fs::exists(root / "chapman_test.csv");
}

// Age, sex and, where the split's table has not given it, diagnosis. Returns the codes that have no
// acronym.
std::set<std::string> read_headers(Cohort& cohort, const std::map<std::string, std::string>& names,
                                   unsigned threads) {
    std::vector<CohortRow>& rows = cohort.rows;
    std::vector<std::vector<std::string>> unnamed(rows.size());
    Progress progress("reading headers", rows.size(), "headers");
    parallel_for(rows.size(), threads, [&](std::size_t i) {
        const std::vector<std::string> comments = header_comments(rows[i].record + ".hea");
        const AgeAndSex found = age_and_sex(comments);
        rows[i].factors.age = found.age;
        rows[i].factors.sex = found.sex;
        std::vector<std::string> codes = diagnoses(comments);
        for (std::string& code : codes) {
            const auto known = names.find(code);
            if (known != names.end()) {
                code = known->second;
            } else {
                unnamed[i].push_back(code);
            }
        }
        if (rows[i].extras[0].empty()) rows[i].extras[0] = joined(std::move(codes));
        progress.add();
    });
    std::set<std::string> all;
    for (const auto& some : unnamed) all.insert(some.begin(), some.end());
    return all;
}

void add_root(const fs::path& root, IndexResult& result, const IndexOptions& options) {
    const auto names = acronyms(root);
    Cohort part;
    if (has_splits(root)) {
        for (const char* split : {"train", "val", "test"}) add_split(root, split, part);
        result.remarks.push_back(
            fmt::format("only the {} records of chapman_train.csv, chapman_val.csv and "
                        "chapman_test.csv, with their splits; heartlang_classes are their marks, "
                        "diagnosis the exact statements",
                        part.rows.size()));
    } else {
        for (const std::string& record : records_below(root / "WFDBRecords")) {
            part.rows.push_back(row_of(record));
            part.rows.back().split = hashed_split(name, part.rows.back().patient_id);
        }
        result.remarks.push_back(
            "splits: by a hash of the record's name, 70 % train, 15 % val, 15 % test");
        compare_count(result, part.rows.size(), 45152, "recordings");
    }
    const std::set<std::string> unnamed = read_headers(part, names, options.threads);
    if (!unnamed.empty()) {
        result.remarks.push_back(fmt::format(
            "{} SNOMED codes are not in ConditionNames_SNOMED-CT.csv and stand as they are: {}",
            unnamed.size(), join({unnamed.begin(), unnamed.end()}, ", ")));
    }
    Cohort& cohort = result.cohort;
    cohort.source += (cohort.source.empty() ? "" : " + ") + root.string();
    std::move(part.rows.begin(), part.rows.end(), std::back_inserter(cohort.rows));
}

void refuse_doubles(const Cohort& cohort) {
    std::set<std::string> seen;
    for (const CohortRow& row : cohort.rows) {
        if (!seen.insert(row.patient_id).second) {
            fail_input("{}: record {} appears twice", cohort.source, row.patient_id);
        }
    }
}

IndexResult index_chapman(std::span<const fs::path> roots, const IndexOptions& options) {
    only_rate(options, 500, origin.title);
    IndexResult result;
    result.cohort.dataset = name;
    result.cohort.extra_columns = columns;
    for (const fs::path& root : roots) add_root(root, result, options);
    refuse_doubles(result.cohort);
    check_records(result, options);
    return result;
}

}  // namespace

Dataset chapman_dataset() {
    return {name, "Chapman–Shaoxing–Ningbo 1.0.0: 12-lead ECGs of 10 s with SNOMED diagnoses",
            origin.source, index_chapman};
}

}  // namespace clef
