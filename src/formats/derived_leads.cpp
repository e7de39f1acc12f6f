#include "formats/derived_leads.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <fmt/format.h>

#include "formats/leads.hpp"

namespace clef {

namespace {

// lead = of_i · I + of_ii · II. The order is that of preference as a source.
struct LimbLead {
    std::string_view name;
    double of_i;
    double of_ii;
};

constexpr std::array limb_leads{
    LimbLead{"I", 1, 0},         LimbLead{"II", 0, 1},     LimbLead{"III", -1, 1},
    LimbLead{"aVR", -0.5, -0.5}, LimbLead{"aVL", 1, -0.5}, LimbLead{"aVF", -0.5, 1},
    LimbLead{"-aVR", 0.5, 0.5},
};

const LimbLead* find_limb_lead(std::string_view name) {
    const auto found = std::find_if(limb_leads.begin(), limb_leads.end(),
                                    [&](const LimbLead& lead) { return lead.name == name; });
    return found == limb_leads.end() ? nullptr : &*found;
}

// Solves wanted = a · first + b · second.
std::optional<LeadFormula> solve(const LimbLead& wanted, const LimbLead& first,
                                 const LimbLead& second) {
    const double determinant = first.of_i * second.of_ii - first.of_ii * second.of_i;
    if (determinant == 0) return std::nullopt;  // aVR and −aVR
    LeadFormula formula;
    formula.wanted = wanted.name;
    formula.leads[0] = first.name;
    formula.leads[1] = second.name;
    formula.weights[0] = (wanted.of_i * second.of_ii - wanted.of_ii * second.of_i) / determinant;
    formula.weights[1] = (first.of_i * wanted.of_ii - first.of_ii * wanted.of_i) / determinant;
    return formula;
}

// "− 0.5 II" as a further term, "−0.5 II" as the first.
std::string term_text(double weight, const std::string& lead, bool is_first) {
    const double size = std::abs(weight);
    std::string text = weight < 0 ? "−" : (is_first ? "" : "+");
    if (!is_first) text = " " + text + " ";
    return text + (size == 1 ? "" : fmt::format("{:.4g} ", size)) + lead;
}

}  // namespace

std::string LeadFormula::text() const {
    // The positive term first: "II − I".
    const std::size_t first = weights[0] < 0 && weights[1] > 0 ? 1 : 0;
    std::string text;
    for (const std::size_t i : {first, 1 - first}) {
        if (weights[i] != 0) text += term_text(weights[i], leads[i], text.empty());
    }
    return text;
}

std::optional<LeadFormula> find_lead_formula(std::string_view wanted,
                                             const std::vector<std::string>& present) {
    const LimbLead* target = find_limb_lead(canonical_lead(wanted));
    if (target == nullptr) return std::nullopt;
    std::vector<const LimbLead*> sources;
    for (const LimbLead& lead : limb_leads) {
        const bool there = std::find(present.begin(), present.end(), lead.name) != present.end();
        if (there) sources.push_back(&lead);
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        for (std::size_t k = i + 1; k < sources.size(); ++k) {
            if (auto formula = solve(*target, *sources[i], *sources[k])) return formula;
        }
    }
    return std::nullopt;
}

Lead derive_lead(const LeadFormula& formula, const Lead& first, const Lead& second) {
    assert(first.samples.size() == second.samples.size());
    assert(first.in_millivolts && second.in_millivolts);
    Lead lead{formula.wanted, formula.wanted, "mV", true, std::vector<float>(first.samples.size()),
              formula.text()};
    for (std::size_t i = 0; i < lead.samples.size(); ++i) {
        lead.samples[i] = static_cast<float>(formula.weights[0] * first.samples[i] +
                                             formula.weights[1] * second.samples[i]);
    }
    return lead;
}

}  // namespace clef
