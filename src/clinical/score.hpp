// A risk score: a name, the attributes it needs, and a function. Adding one is a file with its
// formula and source, and a line in score.cpp.
//
//   score2    SCORE2 (40–69 years) and SCORE2-OP (70–89), as published (score2.hpp).
//   age-sex   ours, published nowhere: SCORE2 or SCORE2-OP of a person of this age and sex whose
//             other risk factors have the values that the score is centred at (age_sex.hpp). For
//             cohorts that know nothing else, and as a control: what of a result is age and sex?
//
// The registry is made once and read-only; its functions are pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "clinical/attributes.hpp"
#include "clinical/score2.hpp"

namespace clef {

struct RiskScore {
    std::string name;                   // "score2"
    std::string description;            // one line
    std::vector<Attribute> attributes;  // A of them; what the missing fraction m / A counts
    double first_age = 0;               // years: defined from here …
    double end_age = 0;                 // … to below here
    // No risk, and the reason, where it is undefined for these factors.
    std::function<RiskResult(const RiskFactors&, Region)> risk;
};

const std::vector<RiskScore>& risk_scores();
std::vector<std::string> risk_score_names();
// An InputError lists the names there are.
const RiskScore& find_risk_score(std::string_view name);

}  // namespace clef
