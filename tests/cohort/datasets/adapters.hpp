// What the adapters' tests share: indexing a tree, looking at cells, writing headers.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cohort/datasets/dataset.hpp"
#include "cohort/task.hpp"
#include "shared.hpp"

namespace clef::testing {

inline IndexResult index(const std::string& name, const std::filesystem::path& root,
                         const IndexOptions& options = {}) {
    const std::vector<std::filesystem::path> roots = {root};
    return find_dataset(name).index(roots, options);
}

// The InputError's text, or "no error".
template <typename Work>
std::string complaint(const Work& work) {
    try {
        work();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

inline std::string cells(const Cohort& cohort, std::size_t row, std::vector<std::string> columns) {
    for (std::string& column : columns) column = cohort.cell(cohort.rows.at(row), column);
    return join(columns, "|");
}

inline bool remarked(const IndexResult& result, const std::string& text) {
    return std::any_of(
        result.remarks.begin(), result.remarks.end(),
        [&](const std::string& remark) { return remark.find(text) != std::string::npos; });
}

// Rows of each value of a column.
inline std::map<std::string, std::size_t> counts(const Cohort& cohort, const std::string& column) {
    std::map<std::string, std::size_t> result;
    for (const CohortRow& row : cohort.rows) ++result[cohort.cell(row, column)];
    return result;
}

inline Task task(const std::string& name) {
    return read_task(CLEF_SOURCE "/tasks/" + name + ".toml");
}

inline std::string wfdb_header(const std::string& record, int rate, int samples,
                               const std::vector<std::string>& leads,
                               const std::vector<std::string>& comments = {}) {
    std::string text = fmt::format("{} {} {} {}\n", record, leads.size(), rate, samples);
    for (const std::string& lead : leads) {
        text += fmt::format("{}.dat 16 200.0(0)/mV 16 0 0 0 0 {}\n", record, lead);
    }
    for (const std::string& comment : comments) text += "#" + comment + "\n";
    return text;
}

}  // namespace clef::testing
