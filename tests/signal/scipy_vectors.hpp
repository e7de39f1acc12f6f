// What SciPy computes, from tests/data/signal (see the README there).
#pragma once

#include <fstream>

#include <nlohmann/json.hpp>

namespace clef::testing {

inline nlohmann::json scipy_vectors(const char* name) {
    std::ifstream file(std::string(CLEF_TEST_DATA) + "/signal/scipy.json");
    return nlohmann::json::parse(file).at(name);
}

}  // namespace clef::testing
