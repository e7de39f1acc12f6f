// The numbers of scikit-learn, SciPy and NumPy that tests of this room compare with.
#pragma once

#include <fstream>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "evaluation/matrix.hpp"

namespace clef::testing {

inline const nlohmann::json& scikit_learn() {
    static const nlohmann::json loaded = [] {
        std::ifstream file(std::string(CLEF_TEST_DATA) + "/evaluation/scikit_learn.json");
        return nlohmann::json::parse(file);
    }();
    return loaded;
}

inline const nlohmann::json& curves() {
    static const nlohmann::json loaded = [] {
        std::ifstream file(std::string(CLEF_TEST_DATA) + "/evaluation/curves.json");
        return nlohmann::json::parse(file);
    }();
    return loaded;
}

template <typename T>
BasicMatrix<T> matrix_of(const nlohmann::json& rows) {
    BasicMatrix<T> result(rows.size(), rows.at(0).size());
    for (std::size_t i = 0; i < result.rows; ++i) {
        for (std::size_t k = 0; k < result.columns; ++k) result.at(i, k) = rows[i][k].get<T>();
    }
    return result;
}

inline std::optional<double> number_or_nothing(const nlohmann::json& value) {
    if (value.is_null()) return std::nullopt;
    return value.get<double>();
}

}  // namespace clef::testing
