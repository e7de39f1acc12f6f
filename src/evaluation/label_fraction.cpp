#include "evaluation/label_fraction.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/random.hpp"
#include "evaluation/scorers.hpp"

namespace clef {
namespace {

struct Patient {
    std::string name;
    std::vector<std::size_t> rows;
    std::size_t stratum = 0;
    std::uint64_t hash = 0;
    double place = 0;  // 0–1, over all strata
};

std::vector<Patient> patients_of(const EvaluationRows& rows, const std::vector<std::size_t>& all,
                                 std::uint64_t seed) {
    std::map<std::string, Patient> by_name;
    for (const std::size_t row : all) by_name[rows.patients[row]].rows.push_back(row);
    std::vector<Patient> patients;
    for (auto& [name, patient] : by_name) {
        patient.name = name;
        Random random(seed, "label fraction: " + name);
        patient.hash = std::uint64_t{random.bits()} << 32;
        patient.hash |= random.bits();
        patients.push_back(std::move(patient));
    }
    return patients;
}

// Fifths by mean value.
void stratify_by_value(std::vector<Patient>& patients, const Targets& targets) {
    constexpr std::size_t strata = 5;
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t p = 0; p < patients.size(); ++p) {
        double sum = 0;
        for (const std::size_t row : patients[p].rows) sum += targets.values[row];
        order.emplace_back(sum / static_cast<double>(patients[p].rows.size()), p);
    }
    std::sort(order.begin(), order.end());
    for (std::size_t k = 0; k < order.size(); ++k) {
        patients[order[k].second].stratum = k * strata / order.size();
    }
}

void stratify_by_class(std::vector<Patient>& patients, const Targets& targets) {
    std::vector<std::set<std::size_t>> classes(patients.size());
    std::vector<std::size_t> count(targets.classes + 1, 0);
    for (std::size_t p = 0; p < patients.size(); ++p) {
        for (const std::size_t row : patients[p].rows) {
            for (std::size_t k = 0; k < targets.classes; ++k) {
                if (label_of(targets, row, k) == 1) classes[p].insert(k);
            }
        }
        for (const std::size_t k : classes[p]) ++count[k];
    }
    for (std::size_t p = 0; p < patients.size(); ++p) {
        patients[p].stratum = targets.classes;  // none of them
        count[targets.classes] = patients.size() + 1;
        for (const std::size_t k : classes[p]) {
            if (count[k] < count[patients[p].stratum]) patients[p].stratum = k;
        }
    }
}

void set_places(std::vector<Patient>& patients) {
    std::map<std::size_t, std::vector<std::size_t>> strata;
    for (std::size_t p = 0; p < patients.size(); ++p) strata[patients[p].stratum].push_back(p);
    for (auto& [stratum, members] : strata) {
        std::sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
            return std::tie(patients[a].hash, a) < std::tie(patients[b].hash, b);
        });
        for (std::size_t j = 0; j < members.size(); ++j) {
            patients[members[j]].place =
                (static_cast<double>(j) + 0.5) / static_cast<double>(members.size());
        }
    }
}

}  // namespace

std::vector<std::size_t> training_rows(const EvaluationRows& rows, const Targets& targets,
                                       double fraction, std::uint64_t seed) {
    auto all = answered_rows(rows, targets, "train");
    if (!(fraction > 0 && fraction <= 1)) {
        fail_input("the fraction of the training patients must be above 0 and at most 1, not {}",
                   fraction);
    }
    if (fraction == 1 || all.empty()) return all;
    std::vector<Patient> patients = patients_of(rows, all, seed);
    if (targets.kind == TaskKind::regression) {
        stratify_by_value(patients, targets);
    } else {
        stratify_by_class(patients, targets);
    }
    set_places(patients);
    std::sort(patients.begin(), patients.end(), [](const Patient& a, const Patient& b) {
        return std::tie(a.place, a.hash, a.name) < std::tie(b.place, b.hash, b.name);
    });
    // Without the small allowance, rounding of 0.1 · 180 would take a nineteenth.
    const double wanted = fraction * static_cast<double>(patients.size());
    const auto taken = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(wanted - 1e-9)));
    std::vector<std::size_t> result;
    for (std::size_t p = 0; p < taken; ++p) {
        result.insert(result.end(), patients[p].rows.begin(), patients[p].rows.end());
    }
    std::sort(result.begin(), result.end());
    return result;
}

}  // namespace clef
