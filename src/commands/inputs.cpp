#include "commands/inputs.hpp"

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/ecg_reader.hpp"

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

bool names_column_record(std::string_view line) {
    for (const std::string_view cell : split(line, ',')) {
        std::string_view name = trim(cell);
        if (name.starts_with("\xEF\xBB\xBF")) name.remove_prefix(3);
        if (name == "record" || name == "\"record\"") return true;
    }
    return false;
}

}  // namespace

bool is_cohort_table(const std::string& input) {
    if (lower(fs::path(input).extension().string()) != ".csv") return false;
    if (!fs::is_regular_file(input)) return true;  // to be missed as a table
    const MappedFile file(input);
    const std::string_view text = file.text();
    if (names_column_record(text.substr(0, text.find_first_of("\r\n")))) return true;
    return find_format(input) == nullptr;
}

Cohort gather_inputs(const std::vector<std::string>& inputs, bool skip_bad) {
    if (inputs.size() == 1 && is_cohort_table(inputs[0])) return read_cohort(inputs[0], skip_bad);
    Cohort cohort;
    cohort.source = join(inputs, " ");
    cohort.folder = ".";
    cohort.has_patient_ids = false;
    for (const std::string& input : inputs) {
        if (is_cohort_table(input))
            fail_input("{}: give one cohort table alone, or recordings", input);
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
