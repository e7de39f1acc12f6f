#include "clinical/attributes.hpp"

#include <algorithm>

namespace clef {

std::string attribute_name(Attribute attribute) {
    switch (attribute) {
        case Attribute::age:
            return "age";
        case Attribute::sex:
            return "sex";
        case Attribute::systolic_pressure:
            return "systolic blood pressure";
        case Attribute::total_cholesterol:
            return "total cholesterol";
        case Attribute::hdl_cholesterol:
            return "HDL cholesterol";
        case Attribute::smoking:
            return "smoking";
    }
    return "";
}

bool is_known(const RiskFactors& factors, Attribute attribute) {
    switch (attribute) {
        case Attribute::age:
            return factors.age.has_value();
        case Attribute::sex:
            return factors.sex.has_value();
        case Attribute::systolic_pressure:
            return factors.sbp_mmhg.has_value();
        case Attribute::total_cholesterol:
            return factors.total_cholesterol_mmol_l.has_value();
        case Attribute::hdl_cholesterol:
            return factors.hdl_mmol_l.has_value();
        case Attribute::smoking:
            return factors.smoker.has_value();
    }
    return false;
}

std::vector<std::string> missing_attributes(const RiskFactors& factors,
                                            std::span<const Attribute> attributes) {
    std::vector<std::string> names;
    for (const Attribute attribute : attributes) {
        if (!is_known(factors, attribute)) names.push_back(attribute_name(attribute));
    }
    return names;
}

RiskFactors only(const RiskFactors& factors, std::span<const Attribute> attributes) {
    const auto wanted = [&](Attribute attribute) {
        return std::find(attributes.begin(), attributes.end(), attribute) != attributes.end();
    };
    RiskFactors kept = factors;
    if (!wanted(Attribute::age)) kept.age.reset();
    if (!wanted(Attribute::sex)) kept.sex.reset();
    if (!wanted(Attribute::systolic_pressure)) kept.sbp_mmhg.reset();
    if (!wanted(Attribute::total_cholesterol)) kept.total_cholesterol_mmol_l.reset();
    if (!wanted(Attribute::hdl_cholesterol)) kept.hdl_mmol_l.reset();
    if (!wanted(Attribute::smoking)) kept.smoker.reset();
    return kept;
}

}  // namespace clef
