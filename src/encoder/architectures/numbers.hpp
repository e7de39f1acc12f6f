// Numbers of a network as they stand in a model file: whatever it says, what comes out is possible.
#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace clef::built_in {

// A whole number in [least, most]. The JSON library would round 1.5 and wrap what leaves an int.
inline int whole_number(const nlohmann::json& config, const char* key, int least, int most) {
    const nlohmann::json& json = config.at(key);
    const bool fits = json.is_number_integer() &&
                      (json.is_number_unsigned() ? json.get<std::uint64_t>() <= INT32_MAX
                                                 : json.get<std::int64_t>() >= 0);
    const std::int64_t number = fits ? json.get<std::int64_t>() : -1;
    if (number < least || number > most) {
        fail_input("{} is {}; expected a whole number, {}–{}", key, json.dump(), least, most);
    }
    return static_cast<int>(number);
}

// One to 64 such numbers.
inline std::vector<int> whole_numbers(const nlohmann::json& config, const char* key, int least,
                                      int most) {
    const nlohmann::json& json = config.at(key);
    if (!json.is_array() || json.empty() || json.size() > 64) {
        fail_input("{} is {}; expected a list of 1–64 numbers", key, json.dump());
    }
    std::vector<int> numbers;
    for (const nlohmann::json& number : json) {
        numbers.push_back(whole_number({{key, number}}, key, least, most));
    }
    return numbers;
}

}  // namespace clef::built_in
