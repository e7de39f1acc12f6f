#include "formats/leads.hpp"

#include <array>
#include <optional>

#include "base/text.hpp"

namespace clef {

namespace {

struct Alias {
    std::string_view key;  // as key_of() makes it
    std::string_view name;
};

// clang-format off
constexpr std::array aliases{
    Alias{"i", "I"},
    Alias{"di", "I"},
    Alias{"lead1", "I"},
    Alias{"d1", "I"},
    Alias{"ii", "II"},
    Alias{"dii", "II"},
    Alias{"lead2", "II"},
    Alias{"d2", "II"},
    Alias{"iii", "III"},
    Alias{"diii", "III"},
    Alias{"lead3", "III"},
    Alias{"d3", "III"},
    Alias{"avr", "aVR"},
    Alias{"avl", "aVL"},
    Alias{"avf", "aVF"},
    Alias{"~avr", "-aVR"},
    Alias{"invertedavr", "-aVR"},
    Alias{"v1", "V1"},
    Alias{"v2", "V2"},
    Alias{"v3", "V3"},
    Alias{"v4", "V4"},
    Alias{"v5", "V5"},
    Alias{"v6", "V6"},
    Alias{"v7", "V7"},
    Alias{"v8", "V8"},
    Alias{"v9", "V9"},
    Alias{"v2r", "V2R"},
    Alias{"rv2", "V2R"},
    Alias{"v3r", "V3R"},
    Alias{"rv3", "V3R"},
    Alias{"v4r", "V4R"},
    Alias{"rv4", "V4R"},
    Alias{"v5r", "V5R"},
    Alias{"rv5", "V5R"},
    Alias{"v6r", "V6R"},
    Alias{"rv6", "V6R"},
    Alias{"v7r", "V7R"},
    Alias{"rv7", "V7R"},
    Alias{"v8r", "V8R"},
    Alias{"rv8", "V8R"},
    Alias{"v9r", "V9R"},
    Alias{"rv9", "V9R"},
    Alias{"mli", "MLI"},
    Alias{"ml1", "MLI"},
    Alias{"modifiedleadi", "MLI"},
    Alias{"modifiedi", "MLI"},
    Alias{"modi", "MLI"},
    Alias{"mlii", "MLII"},
    Alias{"ml2", "MLII"},
    Alias{"modifiedleadii", "MLII"},
    Alias{"modifiedii", "MLII"},
    Alias{"modii", "MLII"},
    Alias{"mliii", "MLIII"},
    Alias{"ml3", "MLIII"},
    Alias{"modifiedleadiii", "MLIII"},
    Alias{"modifiediii", "MLIII"},
    Alias{"modiii", "MLIII"},
    Alias{"mv1", "MV1"},
    Alias{"modv1", "MV1"},
    Alias{"modifiedv1", "MV1"},
    Alias{"mv2", "MV2"},
    Alias{"modv2", "MV2"},
    Alias{"modifiedv2", "MV2"},
    Alias{"mv3", "MV3"},
    Alias{"modv3", "MV3"},
    Alias{"modifiedv3", "MV3"},
    Alias{"mv4", "MV4"},
    Alias{"modv4", "MV4"},
    Alias{"modifiedv4", "MV4"},
    Alias{"mv5", "MV5"},
    Alias{"modv5", "MV5"},
    Alias{"modifiedv5", "MV5"},
    Alias{"mv6", "MV6"},
    Alias{"modv6", "MV6"},
    Alias{"modifiedv6", "MV6"},
    Alias{"mcl1", "MCL1"},
    Alias{"mcl2", "MCL2"},
    Alias{"mcl3", "MCL3"},
    Alias{"mcl4", "MCL4"},
    Alias{"mcl5", "MCL5"},
    Alias{"mcl6", "MCL6"},
    Alias{"cm1", "CM1"},
    Alias{"cm2", "CM2"},
    Alias{"cm3", "CM3"},
    Alias{"cm4", "CM4"},
    Alias{"cm5", "CM5"},
    Alias{"cm6", "CM6"},
    Alias{"cc5", "CC5"},
    Alias{"cs5", "CS5"},
    Alias{"cb5", "CB5"},
    Alias{"nasa", "NASA"},
    Alias{"es", "ES"},
    Alias{"e-s", "ES"},
    Alias{"as", "AS"},
    Alias{"a-s", "AS"},
    Alias{"ai", "AI"},
    Alias{"a-i", "AI"},
    Alias{"x", "X"},
    Alias{"vx", "X"},
    Alias{"y", "Y"},
    Alias{"vy", "Y"},
    Alias{"z", "Z"},
    Alias{"vz", "Z"},
    Alias{"ecg", "ECG"},
    Alias{"ekg", "ECG"},
    Alias{"electrocardiogram", "ECG"},
    Alias{"ecgsignal", "ECG"},
    Alias{"ecgwaveform", "ECG"},
    Alias{"singlelead", "ECG"},
    Alias{"ecg1-ecg2", "ECG"},
    Alias{"ekg1-ekg2", "ECG"},
    Alias{"ecg2-ecg1", "ECG"},
    Alias{"ekg2-ekg1", "ECG"},
    Alias{"ecgl-ecgr", "ECG"},
    Alias{"ekgl-ekgr", "ECG"},
    Alias{"ecgr-ecgl", "ECG"},
    Alias{"ekgr-ekgl", "ECG"},
};
// clang-format on

// Words that stand before a lead's name and say no more than that it is one.
constexpr std::array<std::string_view, 6> prefixes{"electrocardiogram", "ecg",  "ekg", "lead",
                                                   "ableitung",         "frank"};

bool is_separator(char c) {
    return c == '-' || c == ':' || c == '/';
}

// Lower case, without blanks, '_' and '.'; a minus sign in front of a word becomes '~', so that it
// is told from a hyphen: "ECG -aVR" is not "ECG-aVR".
std::string key_of(std::string_view label) {
    constexpr std::string_view long_minus = "\xE2\x88\x92";
    std::string key;
    bool at_word = true;
    const std::string text = lower(trim(label));
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_long = std::string_view(text).substr(i).starts_with(long_minus);
        const bool is_blank = text[i] == ' ' || text[i] == '_';
        if (is_long) i += long_minus.size() - 1;
        if (is_long || text[i] == '-') {
            key += at_word ? '~' : '-';
        } else if (!is_blank && text[i] != '.') {
            key += text[i];
        }
        at_word = is_blank;
    }
    return key;
}

std::optional<std::string_view> look_up(std::string_view key) {
    for (const Alias& alias : aliases) {
        if (alias.key == key) return alias.name;
    }
    return std::nullopt;
}

bool remove_prefix(std::string_view& key) {
    for (const std::string_view prefix : prefixes) {
        if (!key.starts_with(prefix)) continue;
        key.remove_prefix(prefix.size());
        while (!key.empty() && is_separator(key.front())) key.remove_prefix(1);
        return true;
    }
    return false;
}

// The table's name for a label, with or without "ECG", "LEAD" and the like before it.
std::optional<std::string_view> find_lead_name(std::string_view label) {
    const std::string key = key_of(label);
    std::string_view rest = key;
    do {
        if (const auto name = look_up(rest)) return name;
    } while (remove_prefix(rest));
    return std::nullopt;
}

// "ECG1", "EKG 2": a channel of an ECG, though it does not say which lead.
bool is_numbered_ecg(std::string_view label) {
    const std::string key = key_of(label);
    if (!key.starts_with("ecg") && !key.starts_with("ekg")) return false;
    const std::string_view number = std::string_view(key).substr(3);
    return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string canonical_lead(std::string_view label) {
    return std::string(find_lead_name(label).value_or(trim(label)));
}

bool is_known_lead(std::string_view label) {
    return find_lead_name(label).has_value() || is_numbered_ecg(label);
}

bool same_lead(std::string_view a, std::string_view b) {
    return lower(canonical_lead(a)) == lower(canonical_lead(b));
}

}  // namespace clef
