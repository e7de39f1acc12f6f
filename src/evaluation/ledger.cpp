#include "evaluation/ledger.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <set>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace clef {
namespace {

using Json = nlohmann::json;
constexpr std::size_t digits = 10;

std::string data_set_of(const Cohort& cohort, const CohortRow& row) {
    const auto column =
        std::find(cohort.extra_columns.begin(), cohort.extra_columns.end(), "dataset");
    if (column == cohort.extra_columns.end()) return cohort.dataset;
    return row.extras[static_cast<std::size_t>(column - cohort.extra_columns.begin())];
}

std::string digest_of(const Cohort& cohort, const CohortRow& row) {
    const std::string front = data_set_of(cohort, row) + "/";
    // Joined tables have the data set in front of their patients already.
    const std::string name =
        row.patient_id.starts_with(front) ? row.patient_id : front + row.patient_id;
    return sha256(std::as_bytes(std::span(name))).substr(0, digits);
}

// One data set's name within another's text: "MIMIC-IV-ECG, 161,352 patients" names mimic-iv-ecg.
std::string plain(std::string_view text) {
    std::string result;
    for (const char c : lower(text)) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) result += c;
    }
    return result;
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

struct TestRows {
    std::set<std::string> patients;  // digests
    std::set<std::string> data_sets;
};

struct Found {
    std::vector<std::string> said;    // what each provenance says it was trained on, the last first
    std::set<std::string> patients;   // of the test, trained on
    std::set<std::string> data_sets;  // of the test, trained on
    bool all_known = true;            // every provenance lists its patients
};

// A provenance, and the one of the weights that it started from.
void look_up(const Json& provenance, const TestRows& test, Found& found) {
    if (!provenance.is_object() || !provenance.contains("cohort")) return;  // random weights
    std::string said = text_of(provenance.at("cohort"));
    const Json ledger = provenance.value("ledger", Json::object());
    const auto names = ledger.value("data_sets", std::vector<std::string>{});
    if (!names.empty() && names != std::vector<std::string>{""}) {
        said = fmt::format("{} ({})", join(names, ", "), said);
    }
    for (const std::string& name : test.data_sets) {
        if (plain(said).find(plain(name)) != std::string::npos) found.data_sets.insert(name);
    }
    found.said.push_back(std::move(said));
    const std::string all = ledger.value("patient_digests", "");
    found.all_known = found.all_known && !all.empty();
    for (std::size_t i = 0; i + digits <= all.size(); i += digits) {
        if (const auto one = all.substr(i, digits); test.patients.contains(one)) {
            found.patients.insert(one);
        }
    }
    if (provenance.contains("initial")) look_up(provenance.at("initial"), test, found);
}

}  // namespace

Json ledger_note(const Cohort& cohort, const std::function<bool(const CohortRow& row)>& takes) {
    std::set<std::string> data_sets, digests;
    for (const CohortRow& row : cohort.rows) {
        if (!takes(row)) continue;
        data_sets.insert(data_set_of(cohort, row));
        digests.insert(digest_of(cohort, row));
    }
    std::string together;
    for (const std::string& digest : digests) together += digest;
    return {{"data_sets", data_sets}, {"patient_digests", together}};
}

LedgerEntry check_ledger(const Json& provenance, const Cohort& cohort,
                         std::span<const std::size_t> rows) {
    TestRows test;
    for (const std::size_t row : rows) {
        test.patients.insert(digest_of(cohort, cohort.rows[row]));
        test.data_sets.insert(data_set_of(cohort, cohort.rows[row]));
    }
    test.data_sets.erase("");
    LedgerEntry entry;
    entry.test_patients = test.patients.size();
    Found found;
    look_up(provenance, test, found);
    entry.trained_on = found.said.empty() ? "nothing" : join(found.said, ", from ");
    if (found.all_known) entry.shared_patients = found.patients.size();
    entry.shared_data_sets.assign(found.data_sets.begin(), found.data_sets.end());
    return entry;
}

}  // namespace clef
