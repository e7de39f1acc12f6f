#include <algorithm>
#include <cmath>
#include <limits>

#include "encoder/procedural.hpp"
#include "runtime/goldens.hpp"
#include "runtime/session.hpp"

namespace clef {

GoldenCheck check_golden(const Golden& golden) {
    const Session session(procedural_model(golden.architecture, golden.leads));
    const auto input = procedural_values("input." + golden.name,
                                         static_cast<std::size_t>(golden.leads) * golden.samples);
    const std::vector<float> output = session.run(input);
    GoldenCheck check;
    if (output.size() != golden.outputs) {
        check.relative_difference = std::numeric_limits<double>::infinity();
        return check;
    }
    for (std::size_t i = 0; i < golden.values.size(); ++i) {
        const double found = output[i * golden.outputs / golden.values.size()];
        // Written so that a NaN counts as a difference.
        const double difference = std::abs(found - golden.values[i]) / golden.largest;
        if (!(difference <= check.relative_difference)) check.relative_difference = difference;
    }
    check.good = check.relative_difference < golden_tolerance;
    return check;
}

}  // namespace clef
