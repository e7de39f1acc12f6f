// The contamination ledger: what an encoder was pretrained on, so that overlap with a test is seen.
//
// `clef pretrain` writes into the model's provenance which data sets and which patients its
// training windows came from: the patients as the first 40 bits of SHA-256 of "DATASET/PATIENT" in
// hexadecimal digits, sorted, one behind the other (10 digits each; of a hundred thousand patients
// against a thousand, a false match has a chance of 1 in 10,000). Published weights have no such
// list: their authors name the data set, which can only be compared by name. A run that started
// from another model's weights keeps that one's provenance under "initial"; both count.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cohort/cohort.hpp"

namespace clef {

// {"data_sets": ["ptbxl"], "patient_digests": "00a1…"} of the cohort's rows that `takes` says were
// trained on. A data set is the row's `dataset` cell, or the cohort's own name; may be unknown
// ("").
nlohmann::json ledger_note(const Cohort& cohort,
                           const std::function<bool(const CohortRow& row)>& takes);

struct LedgerEntry {
    std::string trained_on;  // as the provenance says it; "nothing" for random weights
    // Test patients that were also trained on; nothing where the provenance lists no patients.
    std::optional<std::size_t> shared_patients;
    std::size_t test_patients = 0;
    // The data sets of the test rows that are named among those trained on.
    std::vector<std::string> shared_data_sets;
};

// `rows`: the test rows. `provenance`: the model's.
LedgerEntry check_ledger(const nlohmann::json& provenance, const Cohort& cohort,
                         std::span<const std::size_t> rows);

}  // namespace clef
