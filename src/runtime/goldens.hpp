// Answers that travel with the program: what PyTorch computes for procedural weights and inputs
// (encoder/procedural.hpp), so that an installed clef can check itself on the machine it runs on.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace clef {

struct Golden {
    std::string name;  // the input is procedural_values("input." + name)
    std::string architecture;
    int leads = 1;
    std::size_t samples = 0;
    double largest = 0;          // magnitude of all of the output's values
    std::size_t outputs = 0;     // how many there are
    std::vector<double> values;  // evenly spaced among them: output i · outputs ÷ values.size()
};

const std::vector<Golden>& goldens();

// Largest difference to the golden's values over its largest magnitude; infinite where the output
// has another size.
struct GoldenCheck {
    double relative_difference = 0;
    bool good = false;  // below golden_tolerance
};
inline constexpr double golden_tolerance = 1e-4;
GoldenCheck check_golden(const Golden& golden);

}  // namespace clef
