#include "cohort/datasets/dataset.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "cohort/datasets/cinc2017.hpp"
#include "cohort/datasets/folder.hpp"
#include "cohort/datasets/ptbxl.hpp"

namespace clef {

const std::vector<Dataset>& datasets() {
    static const std::vector<Dataset> all = {
        ptbxl_dataset(),
        cinc2017_dataset(),
        folder_dataset(),
    };
    return all;
}

const Dataset& find_dataset(const std::string& name) {
    std::vector<std::string> names;
    for (const Dataset& dataset : datasets()) {
        if (dataset.name == name) return dataset;
        names.push_back(dataset.name);
    }
    fail_input("no data set '{}'.{}", name, suggestion(name, names));
}

std::filesystem::path require_file(const std::filesystem::path& root, const std::string& name,
                                   const std::string& dataset, const std::string& source) {
    const std::filesystem::path path = root / name;
    if (std::filesystem::is_regular_file(path)) return path;
    fail_input("{}: no file {}; expected the folder of {} as published ({})", root.string(), name,
               dataset, source);
}

std::string hashed_split(const std::string& dataset, const std::string& patient) {
    const double place = Random(0, "split of " + dataset + "/" + patient).uniform();
    return place < 0.7 ? "train" : place < 0.85 ? "val" : "test";
}

void check_records(IndexResult& result, const IndexOptions& options) {
    std::vector<CohortRow> kept;
    for (CohortRow& row : result.cohort.rows) {
        std::filesystem::path header = result.cohort.path_of(row);
        header += ".hea";
        const bool there = std::filesystem::is_regular_file(header);
        if (!there) ++result.missing_records;
        if (there || !options.skip_missing) kept.push_back(std::move(row));
    }
    result.cohort.rows = std::move(kept);
    if (result.missing_records == 0) return;
    result.remarks.push_back(fmt::format("{} rows have no signal file{}", result.missing_records,
                                         options.skip_missing ? " and are left out" : ""));
}

}  // namespace clef
