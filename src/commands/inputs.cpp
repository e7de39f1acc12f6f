#include "commands/inputs.hpp"

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> recordings_in(const fs::path& folder) {
    std::vector<std::string> records;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().extension() == ".hea") {
            fs::path record = entry.path();
            records.push_back(record.replace_extension().string());
        }
    }
    if (records.empty()) fail_input("{}: no recording (.hea) in this folder", folder.string());
    std::sort(records.begin(), records.end());
    return records;
}

bool is_table(const std::string& input) {
    return lower(fs::path(input).extension().string()) == ".csv";
}

}  // namespace

Cohort gather_inputs(const std::vector<std::string>& inputs, bool skip_bad) {
    if (inputs.size() == 1 && is_table(inputs[0])) return read_cohort(inputs[0], skip_bad);
    Cohort cohort;
    cohort.source = join(inputs, " ");
    cohort.folder = ".";
    cohort.has_patient_ids = false;
    for (const std::string& input : inputs) {
        if (is_table(input)) fail_input("{}: give one cohort table alone, or recordings", input);
        const bool folder = fs::is_directory(input);
        for (const std::string& record : folder ? recordings_in(input) : std::vector{input}) {
            CohortRow row;
            row.record = record;
            row.patient_id = record;
            cohort.rows.push_back(std::move(row));
        }
    }
    return cohort;
}

}  // namespace clef
