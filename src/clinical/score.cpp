#include "clinical/score.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "clinical/age_sex.hpp"

namespace clef {

const std::vector<RiskScore>& risk_scores() {
    static const std::vector<RiskScore> scores = {
        {"score2", "SCORE2 and SCORE2-OP",
         std::vector<Attribute>(score2_attributes.begin(), score2_attributes.end()),
         score_first_age, score_end_age, score2},
        {"age-sex", "SCORE2 of age and sex alone, every other factor at the score's centre",
         std::vector<Attribute>(age_sex_attributes.begin(), age_sex_attributes.end()),
         score_first_age, score_end_age, age_sex_risk},
    };
    return scores;
}

std::vector<std::string> risk_score_names() {
    std::vector<std::string> names;
    for (const RiskScore& score : risk_scores()) names.push_back(score.name);
    return names;
}

const RiskScore& find_risk_score(std::string_view name) {
    for (const RiskScore& score : risk_scores()) {
        if (score.name == name) return score;
    }
    fail_input("risk score '{}' is not known.{}", name, suggestion(name, risk_score_names()));
}

}  // namespace clef
