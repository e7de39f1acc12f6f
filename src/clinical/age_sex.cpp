#include "clinical/age_sex.hpp"

#include <fmt/format.h>

namespace clef {

RiskResult age_sex_risk(const RiskFactors& factors, Region region) {
    RiskFactors centred = score_centre(factors.age.value_or(score_first_age));
    centred.age = factors.age;
    centred.sex = factors.sex;
    RiskResult result = score2(centred, region);
    if (result.risk) result.model = fmt::format("age-sex ({})", result.model);
    return result;
}

}  // namespace clef
