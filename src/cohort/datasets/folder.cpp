#include "cohort/datasets/folder.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> headers_below(const fs::path& root) {
    if (!fs::is_directory(root)) fail_input("{}: no such folder", root.string());
    std::vector<fs::path> headers;
    const auto options = fs::directory_options::skip_permission_denied;
    for (const auto& entry : fs::recursive_directory_iterator(root, options)) {
        if (entry.is_regular_file() && entry.path().extension() == ".hea") {
            headers.push_back(entry.path());
        }
    }
    std::sort(headers.begin(), headers.end());
    return headers;
}

IndexResult index_folder(std::span<const fs::path> roots, const IndexOptions& options) {
    if (options.sampling_rate != 0) fail_input("--sampling-rate: a folder has the rates it has");
    IndexResult result;
    result.cohort.has_patient_ids = false;
    for (const fs::path& root : roots) {
        const std::string name = root.string();
        result.cohort.source += (result.cohort.source.empty() ? "" : " + ") + name;
        for (const fs::path& header : headers_below(root)) {
            CohortRow row;
            row.record = fs::path(header).replace_extension().string();
            row.patient_id = row.record;
            result.cohort.rows.push_back(std::move(row));
        }
    }
    if (result.cohort.rows.empty()) {
        fail_input("{}: no WFDB records (*.hea) in it", result.cohort.source);
    }
    result.remarks = {"no patient ids, labels or splits: add them to the table as columns"};
    return result;
}

}  // namespace

Dataset folder_dataset() {
    return {"folder", "any folder of WFDB records, without labels", "your own recordings",
            index_folder};
}

}  // namespace clef
