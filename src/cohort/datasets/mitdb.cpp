#include "cohort/datasets/mitdb.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "cohort/datasets/beat_windows.hpp"
#include "cohort/datasets/header_comments.hpp"
#include "cohort/datasets/header_lines.hpp"
#include "formats/wfdb_annotations.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const std::string title = "the MIT-BIH Arrhythmia Database";
const std::string source = "PhysioNet, mitdb 1.0.0";

// De Chazal et al. 2004, section II-A.
constexpr std::array<int, 22> ds1 = {101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122,
                                     124, 201, 203, 205, 207, 208, 209, 215, 220, 223, 230};
constexpr std::array<int, 22> ds2 = {100, 103, 105, 111, 113, 117, 121, 123, 200, 202, 210,
                                     212, 213, 214, 219, 221, 222, 228, 231, 232, 233, 234};
constexpr std::array<int, 4> paced = {102, 104, 107, 217};
constexpr std::array<int, 5> validation = {114, 118, 205, 215, 223};

template <std::size_t Size>
bool holds(const std::array<int, Size>& records, int record) {
    return std::find(records.begin(), records.end(), record) != records.end();
}

std::string group_of(int record) {
    return holds(ds1, record) ? "DS1" : holds(ds2, record) ? "DS2" : "paced";
}

std::string split_of(int record) {
    if (holds(ds2, record)) return "test";
    if (!holds(ds1, record) || record == 201) return "";
    return holds(validation, record) ? "val" : "train";
}

// "…/100" → 100; nothing for what is no record of the database ("x_mitdb", "100_copy").
std::optional<int> number_of(const std::string& record) {
    const auto value = parse_integer(fs::path(record).filename().string());
    if (!value || *value < 100 || *value > 234) return std::nullopt;
    const int number = static_cast<int>(*value);
    if (!holds(ds1, number) && !holds(ds2, number) && !holds(paced, number)) return std::nullopt;
    return number;
}

CohortRow record_row(const std::string& record) {
    const int number = number_of(record).value();
    CohortRow row;
    row.record = record;
    row.patient_id = number == 202 ? "201" : std::to_string(number);
    row.split = split_of(number);
    const AgeAndSex found = age_and_sex(header_comments(record + ".hea"));
    row.factors.age = found.age;
    row.factors.sex = found.sex;
    row.extras = {group_of(number)};
    return row;
}

// A row per beat; `cut` counts the beats too near the record's ends.
std::vector<CohortRow> beat_rows(const std::string& record, double seconds, std::size_t& cut) {
    const CohortRow whole = record_row(record);
    const Extent extent = extent_of(record);
    std::vector<CohortRow> rows;
    for (const Annotation& annotation : read_annotations(record, "atr")) {
        const std::string beat = aami_class(annotation.symbol);
        if (beat.empty()) continue;
        const auto start = window_around(annotation.sample, extent, seconds);
        if (!start) {
            ++cut;
            continue;
        }
        CohortRow row = whole;
        row.start_s = start;
        row.duration_s = seconds;
        row.extras = {row.extras[0], beat, annotation.symbol};
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<std::string> records_of(std::span<const fs::path> roots, IndexResult& result) {
    std::vector<std::string> records;
    std::set<int> seen;
    for (const fs::path& root : roots) {
        std::string& from = result.cohort.source;
        from += (from.empty() ? "" : " + ") + root.string();
        for (std::string& record : records_below(root)) {
            const auto number = number_of(record);
            if (!number) continue;
            if (!seen.insert(*number).second) {
                fail_input("{}: record {} appears twice", root.string(), *number);
            }
            records.push_back(std::move(record));
        }
    }
    if (records.empty()) {
        fail_input("{}: no records such as 100.hea in it; expected {} as published ({})",
                   result.cohort.source, title, source);
    }
    result.remarks = {
        "splits: the inter-patient division of de Chazal et al. 2004: DS2 is the test; of DS1, "
        "records 114, 118, 205, 215 and 223 are the validation; the paced 102, 104, 107 and 217 "
        "have no split"};
    if (seen.contains(201)) {
        result.remarks.push_back(
            "records 201 and 202 are of one subject and DS1 and DS2 have one each: 201 has no "
            "split");
    }
    compare_count(result, records.size(), 48, "records");
    return records;
}

IndexResult index_records(std::span<const fs::path> roots, const IndexOptions& options) {
    only_rate(options, 360, "MIT-BIH");
    IndexResult result;
    const std::vector<std::string> records = records_of(roots, result);
    result.cohort.dataset = "mitdb";
    result.cohort.extra_columns = {"ds"};
    for (const std::string& record : records) result.cohort.rows.push_back(record_row(record));
    check_records(result, options);
    return result;
}

IndexResult index_beats(std::span<const fs::path> roots, const IndexOptions& options) {
    only_rate(options, 360, "MIT-BIH");
    IndexResult result;
    const std::vector<std::string> records = records_of(roots, result);
    result.cohort.dataset = "mitdb-beat";
    result.cohort.extra_columns = {"ds", "beat", "symbol"};
    std::vector<std::vector<CohortRow>> rows(records.size());
    std::vector<std::size_t> cut(records.size(), 0);
    Progress progress("reading annotations", records.size(), "records");
    parallel_for(records.size(), options.threads, [&](std::size_t i) {
        rows[i] = beat_rows(records[i], options.window_seconds, cut[i]);
        progress.add();
    });
    std::size_t all_cut = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        all_cut += cut[i];
        std::move(rows[i].begin(), rows[i].end(), std::back_inserter(result.cohort.rows));
    }
    result.remarks.push_back(fmt::format(
        "a row per beat, {} s centred on it; {} beats nearer than that to a record's ends have "
        "none",
        options.window_seconds, all_cut));
    return result;
}

}  // namespace

Dataset mitdb_dataset() {
    return {"mitdb", "MIT-BIH Arrhythmia 1.0.0: two-lead ECGs of 30 min, a row per record", source,
            index_records};
}

Dataset mitdb_beat_dataset() {
    return {"mitdb-beat", "MIT-BIH Arrhythmia 1.0.0: a row per beat, with its AAMI class", source,
            index_beats};
}

}  // namespace clef
