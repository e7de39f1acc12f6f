#include "clinical/missingness.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "base/text.hpp"

namespace clef {

namespace {

constexpr std::array<std::pair<const char*, MissingStrategy>, 3> strategies{
    {{"exclude", MissingStrategy::exclude},
     {"impute", MissingStrategy::impute},
     {"zero", MissingStrategy::zero}}};

constexpr std::array<std::pair<const char*, AgePolicy>, 2> policies{
    {{"exclude", AgePolicy::exclude}, {"clamp", AgePolicy::clamp}}};

template <typename Value, std::size_t N>
std::optional<Value> find_named(const std::array<std::pair<const char*, Value>, N>& table,
                                std::string_view name) {
    for (const auto& [known, value] : table) {
        if (name == known) return value;
    }
    return std::nullopt;
}

template <typename Value, std::size_t N>
std::vector<std::string> names_of(const std::array<std::pair<const char*, Value>, N>& table) {
    std::vector<std::string> names;
    for (const auto& entry : table) names.emplace_back(entry.first);
    return names;
}

double median_of(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

// The medians of one attribute, for the cohort, per sex, and per sex and ten-year age band.
class Medians {
  public:
    void add(const RiskFactors& patient, double value) {
        for (const Key& key : keys(patient)) values_[key].push_back(value);
    }

    void finish() {
        for (auto& [key, values] : values_) medians_[key] = median_of(std::move(values));
        values_.clear();
    }

    // The narrowest group that has a value.
    std::optional<double> find(const RiskFactors& patient) const {
        for (const Key& key : keys(patient)) {
            if (const auto found = medians_.find(key); found != medians_.end())
                return found->second;
        }
        return std::nullopt;
    }

  private:
    using Key = std::pair<int, int>;  // sex, age band; -1: any

    static std::vector<Key> keys(const RiskFactors& patient) {
        std::vector<Key> found;
        if (patient.sex) {
            const int sex = static_cast<int>(*patient.sex);
            if (patient.age) found.emplace_back(sex, static_cast<int>(*patient.age / 10));
            found.emplace_back(sex, -1);
        }
        found.emplace_back(-1, -1);
        return found;
    }

    std::map<Key, std::vector<double>> values_;
    std::map<Key, double> medians_;
};

class Imputation {
  public:
    explicit Imputation(std::span<const RiskFactors> cohort) {
        for (const RiskFactors& patient : cohort) {
            if (!impossible_value(patient).empty()) continue;
            if (patient.sbp_mmhg) sbp_.add(patient, *patient.sbp_mmhg);
            if (patient.total_cholesterol_mmol_l)
                total_.add(patient, *patient.total_cholesterol_mmol_l);
            if (patient.hdl_mmol_l) hdl_.add(patient, *patient.hdl_mmol_l);
            if (patient.smoker) smoking_.add(patient, *patient.smoker ? 1 : 0);
        }
        for (Medians* medians : {&sbp_, &total_, &hdl_, &smoking_}) medians->finish();
    }

    // Fills what is missing, age and sex aside.
    void fill(RiskFactors& patient) const {
        const RiskFactors centre = score_centre(patient.age.value_or(score_first_age));
        const bool had_total = patient.total_cholesterol_mmol_l.has_value();
        const bool had_hdl = patient.hdl_mmol_l.has_value();
        if (!patient.sbp_mmhg) {
            patient.sbp_mmhg = sbp_.find(patient).value_or(*centre.sbp_mmhg);
        }
        if (!had_total) {
            patient.total_cholesterol_mmol_l =
                total_.find(patient).value_or(*centre.total_cholesterol_mmol_l);
        }
        if (!had_hdl) patient.hdl_mmol_l = hdl_.find(patient).value_or(*centre.hdl_mmol_l);
        // The median of 0 and 1 is the majority; a tie's 0.5 counts as "no".
        if (!patient.smoker) patient.smoker = smoking_.find(patient).value_or(0.0) > 0.5;
        // A filled value may not contradict a known one: HDL is part of the total.
        if (*patient.hdl_mmol_l <= *patient.total_cholesterol_mmol_l) return;
        if (!had_hdl) {
            patient.hdl_mmol_l = patient.total_cholesterol_mmol_l;
        } else if (!had_total) {
            patient.total_cholesterol_mmol_l = patient.hdl_mmol_l;
        }
    }

  private:
    Medians sbp_, total_, hdl_, smoking_;
};

// What was assumed about a patient, as a note behind the model's name.
void add_notes(RiskResult& result, const std::vector<std::string>& notes) {
    if (result.risk && !notes.empty()) {
        result.model += fmt::format(" ({})", join(notes, "; "));
    }
}

// `patient` holds what the score needs and nothing else.
RiskResult patient_risk(RiskFactors patient, Region region, const Imputation* imputation,
                        AgePolicy ages, const RiskScore& score) {
    std::vector<std::string> notes;
    // An impossible value is reported as it was found, never clamped or covered by others.
    if (!impossible_value(patient).empty()) return score.risk(patient, region);
    const auto filled = missing_attributes(patient, score.attributes);
    // Before the age is clamped, so that medians come from the patient's own age band.
    if (imputation != nullptr && !filled.empty()) {
        imputation->fill(patient);
        notes.push_back(fmt::format("imputed: {}", join(filled, ", ")));
    }
    if (ages == AgePolicy::clamp && patient.age) {
        const double clamped = std::clamp(*patient.age, score.first_age, score.end_age - 1);
        if (*patient.age < score.first_age || *patient.age >= score.end_age) {
            patient.age = clamped;
            notes.insert(notes.begin(), fmt::format("age clamped to {}", clamped));
        }
    }
    RiskResult result = score.risk(patient, region);
    add_notes(result, notes);
    return result;
}

}  // namespace

std::optional<MissingStrategy> parse_missing_strategy(std::string_view name) {
    return find_named(strategies, name);
}
std::vector<std::string> missing_strategy_names() {
    return names_of(strategies);
}
std::optional<AgePolicy> parse_age_policy(std::string_view name) {
    return find_named(policies, name);
}
std::vector<std::string> age_policy_names() {
    return names_of(policies);
}

CohortRisk cohort_risk(std::span<const RiskFactors> cohort, Region region, MissingStrategy strategy,
                       AgePolicy ages, const RiskScore& score) {
    std::optional<Imputation> imputation;
    if (strategy == MissingStrategy::impute) imputation.emplace(cohort);
    const auto attributes = static_cast<double>(score.attributes.size());
    CohortRisk risks;
    for (const RiskFactors& patient : cohort) {
        const auto lacking = missing_attributes(patient, score.attributes);
        risks.missing.push_back(static_cast<double>(lacking.size()) / attributes);
        RiskResult result = patient_risk(only(patient, score.attributes), region,
                                         imputation ? &*imputation : nullptr, ages, score);
        if (strategy == MissingStrategy::zero && !result.risk) {
            result.risk = 0.0;
            result.model = "none (counted as 0)";
        }
        risks.results.push_back(std::move(result));
    }
    return risks;
}

}  // namespace clef
