#include "formats/recording.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/leads.hpp"

namespace clef {

const Lead* Recording::find_lead(const std::string& name) const {
    // An exact label goes first, so that a file with "ECG" and "ecg" keeps both reachable.
    for (const Lead& candidate : leads) {
        if (candidate.label == name || candidate.name == name) return &candidate;
    }
    for (const Lead& candidate : leads) {
        if (same_lead(candidate.label, name) || same_lead(candidate.name, name)) return &candidate;
    }
    return nullptr;
}

const Lead& Recording::lead(const std::string& name) const {
    if (const Lead* found = find_lead(name)) return *found;
    std::vector<std::string> present;
    for (const Lead& candidate : leads) present.push_back(candidate.name);
    fail_input("{}: no lead {}; the leads are: {}", source, name, join(present, ", "));
}

}  // namespace clef
