#include "encoder/recipe.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

void check_recipe(const Recipe& recipe, const std::string& source) {
    const auto require = [&source](bool good, const char* trouble) {
        if (!good) fail_input("{}: recipe: {}", source, trouble);
    };
    require(recipe.sampling_rate >= 10 && recipe.sampling_rate <= 100'000,
            "sampling_rate_hz must be 10–100000");
    require(recipe.window_seconds >= 0.1 && recipe.window_seconds <= 3600,
            "window_seconds must be 0.1–3600");
    require(recipe.interpolated_from == 0 ||
                (recipe.interpolated_from >= 10 && recipe.interpolated_from <= 100'000),
            "interpolated_from_hz must be 10–100000, or 0 for no interpolation");
    require(!recipe.leads.empty() && recipe.leads.size() <= 64, "expected 1–64 leads");
    require(recipe.band_pass_order >= 0 && recipe.band_pass_order <= 10,
            "band_pass_order must be a whole number, 0–10");
    require(recipe.band_pass_order == 0 ||
                (recipe.band_pass_low > 0 && recipe.band_pass_low < recipe.band_pass_high &&
                 recipe.band_pass_high < recipe.sampling_rate / 2),
            "the band must lie between 0 and half the sampling rate");
    const auto possible_corner = [&recipe](int order, double corner) {
        return order == 0 || (corner > 0 && corner < recipe.sampling_rate / 2);
    };
    require(recipe.high_pass_order >= 0 && recipe.low_pass_order >= 0,
            "high_pass_order and low_pass_order must be whole numbers, 0–10");
    require(possible_corner(recipe.high_pass_order, recipe.high_pass) &&
                possible_corner(recipe.low_pass_order, recipe.low_pass),
            "high_pass_hz and low_pass_hz must lie between 0 and half the sampling rate");
    require(recipe.notch == 0 || (recipe.notch > 0 && recipe.notch < recipe.sampling_rate / 2),
            "notch_hz must lie between 0 and half the sampling rate");
    require(recipe.notch_quality > 0 && recipe.notch_quality <= 10'000,
            "notch_quality must be above 0 and at most 10000");
    require(
        recipe.median_samples == 0 || (recipe.median_samples > 0 && recipe.median_samples % 2 == 1),
        "median_samples must be an odd number, 1–99999, or 0 for none");
    require(recipe.epsilon >= 0, "epsilon must not be negative");
}

const std::vector<std::string> fewer_leads_names = {"refused", "lead in place", "lead embedding",
                                                    "those alone"};

const std::string& fewer_leads_name(FewerLeads choice) {
    return fewer_leads_names[static_cast<std::size_t>(choice)];
}

// Through double: the JSON library would round 2.5 and wrap what leaves an int. −1, which
// check_recipe refuses, for what is no whole number from 0 to `most`.
int whole_number(const nlohmann::json& json, int most) {
    const auto value = json.get<double>();
    const bool whole = value >= 0 && value <= most && value == std::floor(value);
    return whole ? static_cast<int>(value) : -1;
}

// The keys that not every file has: see recipe_json.
nlohmann::json optional_keys(const Recipe& recipe) {
    return {{"missing", recipe.zero_missing ? "zero" : "interpolate"},
            {"fewer_leads", fewer_leads_name(recipe.fewer_leads)},
            {"padding", recipe.padding_masked ? "masked before" : "zeros behind"},
            {"windows", recipe.first_window_only ? "first" : "all"},
            {"interpolated_from_hz", recipe.interpolated_from},
            {"high_pass_order", recipe.high_pass_order},
            {"high_pass_hz", recipe.high_pass},
            {"low_pass_order", recipe.low_pass_order},
            {"low_pass_hz", recipe.low_pass},
            {"notch_hz", recipe.notch},
            {"notch_quality", recipe.notch_quality},
            {"median_samples", recipe.median_samples}};
}

std::string choice(const nlohmann::json& json, const std::vector<std::string>& choices,
                   const std::string& what, const std::string& source) {
    auto value = json.get<std::string>();
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
        fail_input("{}: recipe: {} '{}', expected '{}'", source, what, value,
                   join(choices, "' or '"));
    }
    return value;
}

void parse_fewer_leads(const nlohmann::json& json, Recipe& recipe, const std::string& source) {
    const std::string name = choice(json, fewer_leads_names, "fewer_leads", source);
    const auto found = std::find(fewer_leads_names.begin(), fewer_leads_names.end(), name);
    recipe.fewer_leads = static_cast<FewerLeads>(found - fewer_leads_names.begin());
}

void parse_optional_keys(const nlohmann::json& json, Recipe& recipe, const std::string& source) {
    if (json.contains("missing")) {
        recipe.zero_missing =
            choice(json["missing"], {"interpolate", "zero"}, "missing", source) == "zero";
    }
    if (json.contains("fewer_leads")) parse_fewer_leads(json["fewer_leads"], recipe, source);
    if (json.contains("padding")) {
        recipe.padding_masked = choice(json["padding"], {"zeros behind", "masked before"},
                                       "padding", source) == "masked before";
    }
    if (json.contains("windows")) {
        recipe.first_window_only =
            choice(json["windows"], {"all", "first"}, "windows", source) == "first";
    }
    if (json.contains("interpolated_from_hz")) {
        recipe.interpolated_from = json["interpolated_from_hz"].get<double>();
    }
    if (json.contains("high_pass_order")) {
        recipe.high_pass_order = whole_number(json["high_pass_order"], 10);
    }
    if (json.contains("high_pass_hz")) recipe.high_pass = json["high_pass_hz"].get<double>();
    if (json.contains("low_pass_order")) {
        recipe.low_pass_order = whole_number(json["low_pass_order"], 10);
    }
    if (json.contains("low_pass_hz")) recipe.low_pass = json["low_pass_hz"].get<double>();
    if (json.contains("notch_hz")) recipe.notch = json["notch_hz"].get<double>();
    if (json.contains("notch_quality")) recipe.notch_quality = json["notch_quality"].get<double>();
    if (json.contains("median_samples")) {
        recipe.median_samples = whole_number(json["median_samples"], 99'999);
    }
}

void parse_normalisation(const nlohmann::json& json, Recipe& recipe, const std::string& source) {
    const std::string normalisation =
        choice(json, {"z-score", "joint z-score", "none"}, "normalisation", source);
    recipe.z_score = normalisation != "none";
    recipe.joint_z_score = normalisation == "joint z-score";
}

const char* normalisation_name(const Recipe& recipe) {
    if (!recipe.z_score) return "none";
    return recipe.joint_z_score ? "joint z-score" : "z-score";
}

}  // namespace

nlohmann::json recipe_json(const Recipe& recipe) {
    nlohmann::json json = {{"name", recipe.name},
                           {"sampling_rate_hz", recipe.sampling_rate},
                           {"window_seconds", recipe.window_seconds},
                           {"leads", recipe.leads},
                           {"band_pass_order", recipe.band_pass_order},
                           {"band_pass_low_hz", recipe.band_pass_low},
                           {"band_pass_high_hz", recipe.band_pass_high},
                           {"normalisation", normalisation_name(recipe)},
                           {"epsilon", recipe.epsilon}};
    const nlohmann::json defaults = optional_keys(Recipe{});
    const nlohmann::json optional = optional_keys(recipe);
    for (const auto& [key, value] : optional.items()) {
        if (value != defaults.at(key)) json[key] = value;
    }
    return json;
}

Recipe parse_recipe(const nlohmann::json& json, const std::string& source) {
    Recipe recipe;
    try {
        recipe.name = json.at("name").get<std::string>();
        recipe.sampling_rate = json.at("sampling_rate_hz").get<double>();
        recipe.window_seconds = json.at("window_seconds").get<double>();
        recipe.leads = json.at("leads").get<std::vector<std::string>>();
        recipe.band_pass_order = whole_number(json.at("band_pass_order"), 10);
        recipe.band_pass_low = json.at("band_pass_low_hz").get<double>();
        recipe.band_pass_high = json.at("band_pass_high_hz").get<double>();
        recipe.epsilon = json.at("epsilon").get<double>();
        parse_normalisation(json.at("normalisation"), recipe, source);
        parse_optional_keys(json, recipe, source);
    } catch (const nlohmann::json::exception& error) {
        fail_input("{}: recipe: {}", source, error.what());
    }
    nlohmann::json known = recipe_json(recipe);
    known.update(optional_keys(recipe));
    for (const auto& [key, value] : json.items()) {
        if (!known.contains(key)) {
            fail_input(
                "{}: recipe: unknown key '{}'; this program is too old to prepare inputs as the "
                "model wants them",
                source, key);
        }
    }
    check_recipe(recipe, source);
    return recipe;
}

std::string recipe_text(const Recipe& recipe) {
    std::string text =
        fmt::format("{} {}, {:g} Hz, {:g} s", recipe.leads.size() == 1 ? "lead" : "leads",
                    join(recipe.leads, " "), recipe.sampling_rate, recipe.window_seconds);
    if (recipe.fewer_leads != FewerLeads::refused) {
        text += fmt::format(" (fewer: {})", fewer_leads_name(recipe.fewer_leads));
    }
    if (recipe.first_window_only) text += ", the first window only";
    if (recipe.padding_masked) text += ", padding masked";
    if (recipe.zero_missing) text += ", missing samples as zeros";
    if (recipe.interpolated_from > 0) {
        text += fmt::format(", by straight lines from {:g} Hz", recipe.interpolated_from);
    }
    if (recipe.notch > 0) {
        text += fmt::format(", notch {:g} Hz Q {:g}", recipe.notch, recipe.notch_quality);
    }
    if (recipe.band_pass_order > 0) {
        text += fmt::format(", band-pass {:g}–{:g} Hz order {}", recipe.band_pass_low,
                            recipe.band_pass_high, recipe.band_pass_order);
    }
    if (recipe.high_pass_order > 0) {
        text +=
            fmt::format(", high-pass {:g} Hz order {}", recipe.high_pass, recipe.high_pass_order);
    }
    if (recipe.low_pass_order > 0) {
        text += fmt::format(", low-pass {:g} Hz order {}", recipe.low_pass, recipe.low_pass_order);
    }
    if (recipe.median_samples > 0) {
        text += fmt::format(", minus the running median of {} samples", recipe.median_samples);
    }
    if (!recipe.z_score) return text + ", no normalisation";
    return text + (recipe.joint_z_score ? ", z-score over all leads" : ", z-score");
}

std::string recipe_title(const Recipe& recipe) {
    return fmt::format("{}: {}", recipe.name, recipe_text(recipe));
}

}  // namespace clef
