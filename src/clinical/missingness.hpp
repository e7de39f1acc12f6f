// The clinical risk of a whole cohort, most of whose rows may lack some of what the score asks for.
//
// The score (score.hpp) says which attributes it needs: SCORE2 A = 6 (age, sex, systolic blood
// pressure, total cholesterol, HDL cholesterol, smoking). A patient lacks m of them, and m / A is
// what the pair weights (dissimilarity.hpp) go by, whatever the strategy fills in. Attributes that
// the score does not need are not looked at. Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clinical/risk_factors.hpp"
#include "clinical/score.hpp"

namespace clef {

enum class MissingStrategy {
    exclude,  // a row that lacks an attribute has no risk
    // What is missing takes the cohort's median (smoking: its majority, a tie is "no") of the same
    // sex and ten-year age band, failing that of the same sex, failing that of all. An attribute
    // that nobody has takes the value the score itself is centred at: SBP 120 mmHg, total
    // cholesterol 6 mmol/L, HDL 1.3 mmol/L (SCORE2-OP: 150, 6, 1.4), not smoking. Age and sex are
    // never filled in: without them there is no risk. Impossible values take no part in medians.
    impute,
    zero,  // as the released code of CLEF: every row without a risk has risk 0
};

// What to do with ages where the score is undefined (SCORE2: outside 40–89).
enum class AgePolicy {
    exclude,  // no risk, and the reason
    clamp,    // counted at the nearest defined age; the model says "SCORE2 (age clamped to 40)"
};

std::optional<MissingStrategy> parse_missing_strategy(std::string_view name);
std::vector<std::string> missing_strategy_names();
std::optional<AgePolicy> parse_age_policy(std::string_view name);
std::vector<std::string> age_policy_names();

struct CohortRisk {
    std::vector<RiskResult> results;  // per row
    std::vector<double> missing;      // m / A per row, before anything was filled in
};

CohortRisk cohort_risk(std::span<const RiskFactors> cohort, Region region,
                       MissingStrategy strategy = MissingStrategy::exclude,
                       AgePolicy ages = AgePolicy::exclude,
                       const RiskScore& score = find_risk_score("score2"));

}  // namespace clef
