// Public data sets as cohorts. Each adapter reads a data set's own files, as published, and derives
// splits and labels from them by a rule that its header states. Adding one is one file and one line
// in dataset.cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cohort/cohort.hpp"
#include "formats/ecg_file.hpp"

namespace clef {

struct IndexOptions {
    // Where recordings come in several rates, the one wanted (Hz); 0: the highest there is.
    int sampling_rate = 0;
    // Leaves out rows whose signal file is absent (they are counted either way).
    bool skip_missing = false;
    // Of a plain folder: a recording that cannot be read is an error, not left out and listed.
    bool strict = false;
    ReadOptions read = {};  // what files do not say themselves
    unsigned threads = 0;
    // Where a row is a window around a beat or behind a rhythm mark: its length.
    double window_seconds = 10;
};

struct IndexResult {
    Cohort cohort;  // records relative to the current folder; write_cohort makes them relative to
                    // the table
    std::size_t missing_records = 0;   // rows whose signal file is absent
    std::vector<std::string> remarks;  // what a reader must know: rules, conventions
};

struct Dataset {
    std::string name;         // "ptbxl"
    std::string description;  // one line
    std::string source;       // where to get it
    // `roots`: the data set's folder, or several parts of it, joined as one cohort. The cohort's
    // last column, `dataset`, is the data set's name: tables of several can be told apart (a plain
    // folder has none).
    std::function<IndexResult(std::span<const std::filesystem::path> roots, const IndexOptions&)>
        index;
};

const std::vector<Dataset>& datasets();
// An InputError lists the names there are.
const Dataset& find_dataset(const std::string& name);

// For adapters: the file `name` in `root`, or an InputError that says which data set this is and
// where to get it.
std::filesystem::path require_file(const std::filesystem::path& root, const std::string& name,
                                   const std::string& dataset, const std::string& source);

// For adapters: a split by a hash of the patient's name: 70 % train, 15 % val, 15 % test, the same
// on every machine and in every version.
std::string hashed_split(const std::string& dataset, const std::string& patient);

// For adapters: counts, and on request leaves out, the rows without a file (record + `ending`).
void check_records(IndexResult& result, const IndexOptions& options,
                   const std::string& ending = ".hea");

// For adapters: every *.hea below a folder, without the ending, sorted. Symbolic links to folders
// are not followed.
std::vector<std::string> records_below(const std::filesystem::path& folder);

// For adapters: says in a remark that a count is not the one published. Less than nine tenths of it
// is called a part of the data set.
void compare_count(IndexResult& result, std::size_t found, std::size_t published,
                   const std::string& what);

// For adapters that have one rate: refuses --sampling-rate of any other.
void only_rate(const IndexOptions& options, int rate, const std::string& dataset);

}  // namespace clef
