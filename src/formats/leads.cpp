#include "formats/leads.hpp"

#include <array>
#include <optional>

#include "base/text.hpp"

namespace clef {

namespace {

struct Alias {
    std::string_view key;  // lower case, without blanks, '_', '-', '.'
    std::string_view name;
};

constexpr std::array aliases{
    Alias{"i", "I"},
    Alias{"ii", "II"},
    Alias{"iii", "III"},
    Alias{"di", "I"},
    Alias{"dii", "II"},
    Alias{"diii", "III"},
    Alias{"lead1", "I"},
    Alias{"lead2", "II"},
    Alias{"lead3", "III"},
    Alias{"avr", "aVR"},
    Alias{"avl", "aVL"},
    Alias{"avf", "aVF"},
    Alias{"v1", "V1"},
    Alias{"v2", "V2"},
    Alias{"v3", "V3"},
    Alias{"v4", "V4"},
    Alias{"v5", "V5"},
    Alias{"v6", "V6"},
    Alias{"v7", "V7"},
    Alias{"v8", "V8"},
    Alias{"v9", "V9"},
    Alias{"v3r", "V3R"},
    Alias{"v4r", "V4R"},
    Alias{"mli", "MLI"},
    Alias{"mlii", "MLII"},
    Alias{"mliii", "MLIII"},
    Alias{"ml1", "MLI"},
    Alias{"ml2", "MLII"},
    Alias{"ml3", "MLIII"},
    Alias{"modifiedleadi", "MLI"},
    Alias{"modifiedleadii", "MLII"},
    Alias{"modifiedleadiii", "MLIII"},
    Alias{"x", "X"},
    Alias{"y", "Y"},
    Alias{"z", "Z"},
    Alias{"vx", "X"},
    Alias{"vy", "Y"},
    Alias{"vz", "Z"},
    Alias{"ecg", "ECG"},
    Alias{"ekg", "ECG"},
    Alias{"ecgsignal", "ECG"},
};

std::string key_of(std::string_view label) {
    std::string key;
    for (const char c : lower(trim(label))) {
        if (c != ' ' && c != '_' && c != '-' && c != '.') key += c;
    }
    return key;
}

std::optional<std::string_view> look_up(std::string_view key) {
    for (const Alias& alias : aliases) {
        if (alias.key == key) return alias.name;
    }
    return std::nullopt;
}

// The table's name for a label, with or without "ECG" or "LEAD" before it.
std::optional<std::string_view> find_lead_name(std::string_view label) {
    const std::string key = key_of(label);
    std::string_view rest = key;
    if (const auto name = look_up(rest)) return name;
    for (const std::string_view prefix : {"ecg", "ekg", "lead"}) {
        if (!rest.starts_with(prefix)) continue;
        rest.remove_prefix(prefix.size());
        if (const auto name = look_up(rest)) return name;
    }
    return std::nullopt;
}

}  // namespace

std::string canonical_lead(std::string_view label) {
    return std::string(find_lead_name(label).value_or(trim(label)));
}

bool is_known_lead(std::string_view label) {
    return find_lead_name(label).has_value();
}

bool same_lead(std::string_view a, std::string_view b) {
    return lower(canonical_lead(a)) == lower(canonical_lead(b));
}

}  // namespace clef
