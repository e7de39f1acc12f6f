#include "commands/inputs.hpp"

#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cohort/datasets/folder_files.hpp"
#include "formats/ecg_reader.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> recordings_in(const fs::path& folder, bool skip_bad) {
    std::vector<std::string> records;
    for (const fs::path& file : scan_folder(folder).candidates) {
        try {
            if (may_be_recording(file)) records.push_back(record_name(file));
        } catch (const InputError&) {
            if (!skip_bad) throw;
            records.push_back(file.string());  // its reader will say why
        }
    }
    if (!records.empty()) return records;
    std::vector<std::string> names;
    for (const EcgFormat& format : ecg_formats()) names.push_back(format.name);
    fail_input("{}: no recordings in it; the formats read are {}", folder.string(),
               join(names, ", "));
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
        for (const std::string& record :
             folder ? recordings_in(input, skip_bad) : std::vector{input}) {
            CohortRow row;
            row.record = record;
            row.patient_id = record;
            cohort.rows.push_back(std::move(row));
        }
    }
    return cohort;
}

}  // namespace clef
