#include "encoder/recipe.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

const std::vector<std::string> twelve_leads = {"I",  "II", "III", "aVR", "aVL", "aVF",
                                               "V1", "V2", "V3",  "V4",  "V5",  "V6"};

void check_recipe(const Recipe& recipe, const std::string& source) {
    const auto require = [&source](bool good, const char* trouble) {
        if (!good) fail_input("{}: recipe: {}", source, trouble);
    };
    require(recipe.sampling_rate >= 10 && recipe.sampling_rate <= 100'000,
            "sampling_rate_hz must be 10–100000");
    require(recipe.window_seconds >= 0.1 && recipe.window_seconds <= 3600,
            "window_seconds must be 0.1–3600");
    require(!recipe.leads.empty() && recipe.leads.size() <= 64, "expected 1–64 leads");
    require(recipe.band_pass_order >= 0 && recipe.band_pass_order <= 10,
            "band_pass_order must be a whole number, 0–10");
    require(recipe.band_pass_order == 0 ||
                (recipe.band_pass_low > 0 && recipe.band_pass_low < recipe.band_pass_high &&
                 recipe.band_pass_high < recipe.sampling_rate / 2),
            "the band must lie between 0 and half the sampling rate");
    require(recipe.epsilon >= 0, "epsilon must not be negative");
}

}  // namespace

Recipe clef_recipe(int leads) {
    Recipe recipe;
    if (leads == 12) recipe.leads = twelve_leads;
    return recipe;
}

nlohmann::json recipe_json(const Recipe& recipe) {
    return {{"name", recipe.name},
            {"sampling_rate_hz", recipe.sampling_rate},
            {"window_seconds", recipe.window_seconds},
            {"leads", recipe.leads},
            {"band_pass_order", recipe.band_pass_order},
            {"band_pass_low_hz", recipe.band_pass_low},
            {"band_pass_high_hz", recipe.band_pass_high},
            {"normalisation", recipe.z_score ? "z-score" : "none"},
            {"epsilon", recipe.epsilon}};
}

Recipe parse_recipe(const nlohmann::json& json, const std::string& source) {
    Recipe recipe;
    try {
        recipe.name = json.at("name").get<std::string>();
        recipe.sampling_rate = json.at("sampling_rate_hz").get<double>();
        recipe.window_seconds = json.at("window_seconds").get<double>();
        recipe.leads = json.at("leads").get<std::vector<std::string>>();
        // Through double: the JSON library would round 2.5 and wrap what leaves an int.
        const auto order = json.at("band_pass_order").get<double>();
        const bool whole = order >= 0 && order <= 10 && order == std::floor(order);
        recipe.band_pass_order = whole ? static_cast<int>(order) : -1;  // −1: refused below
        recipe.band_pass_low = json.at("band_pass_low_hz").get<double>();
        recipe.band_pass_high = json.at("band_pass_high_hz").get<double>();
        recipe.epsilon = json.at("epsilon").get<double>();
        const auto normalisation = json.at("normalisation").get<std::string>();
        if (normalisation != "z-score" && normalisation != "none") {
            fail_input("{}: recipe: normalisation '{}', expected 'z-score' or 'none'", source,
                       normalisation);
        }
        recipe.z_score = normalisation == "z-score";
    } catch (const nlohmann::json::exception& error) {
        fail_input("{}: recipe: {}", source, error.what());
    }
    const nlohmann::json known = recipe_json(recipe);
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
    if (recipe.band_pass_order > 0) {
        text += fmt::format(", band-pass {:g}–{:g} Hz order {}", recipe.band_pass_low,
                            recipe.band_pass_high, recipe.band_pass_order);
    }
    return text + (recipe.z_score ? ", z-score" : ", no normalisation");
}

}  // namespace clef
