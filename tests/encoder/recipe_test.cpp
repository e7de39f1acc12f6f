#include "encoder/recipe.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "formats/expect_input_error.hpp"

namespace clef {

using nlohmann::json;
using testing::expect_input_error;

TEST(Recipe, ClefsOwnIsThatOfThePaper) {
    const Recipe recipe = clef_recipe();
    EXPECT_EQ(recipe.window_samples(), 5000U);
    EXPECT_EQ(recipe_text(recipe), "lead I, 500 Hz, 10 s, band-pass 0.67–40 Hz order 5, z-score");
    EXPECT_EQ(clef_recipe(12).leads.size(), 12U);
    EXPECT_EQ(clef_recipe(12).leads[3], "aVR");
}

TEST(Recipe, WhatIsWrittenAsJsonIsReadBack) {
    Recipe recipe;
    recipe.name = "other";
    recipe.sampling_rate = 360;
    recipe.window_seconds = 2.5;
    recipe.leads = {"MLII", "V5"};
    recipe.band_pass_order = 0;
    recipe.z_score = false;
    recipe.epsilon = 0;
    EXPECT_EQ(parse_recipe(json::parse(recipe_json(recipe).dump()), "m"), recipe);
    EXPECT_EQ(recipe_text(recipe), "leads MLII V5, 360 Hz, 2.5 s, no normalisation");
}

TEST(Recipe, EcgfoundersOwnSaysEveryStep) {
    const Recipe recipe = ecgfounder_recipe(12);
    EXPECT_EQ(recipe.leads, clef_recipe(12).leads);
    EXPECT_EQ(recipe_text(ecgfounder_recipe()),
              "lead I, 500 Hz, 10 s, missing samples as zeros, notch 50 Hz Q 30, band-pass 0.67–40 "
              "Hz order 4, minus the running median of 201 samples, z-score over all leads");
    EXPECT_EQ(parse_recipe(json::parse(recipe_json(recipe).dump()), "m"), recipe);
}

TEST(Recipe, KedsOwnKeepsMillivoltsAndPutsFewerLeadsInTheirPlaces) {
    const Recipe recipe = ked_recipe();
    EXPECT_EQ(recipe_text(recipe),
              "leads I II III aVR aVL aVF V1 V2 V3 V4 V5 V6, 100 Hz, 10 s (fewer: lead in place), "
              "no normalisation");
    EXPECT_EQ(recipe.window_samples(), 1000U);
    EXPECT_EQ(recipe_json(recipe).at("fewer_leads"), "lead in place");
    EXPECT_EQ(parse_recipe(json::parse(recipe_json(recipe).dump()), "m"), recipe);
    EXPECT_EQ(recipe_text(ked_recipe(1)), "lead I, 100 Hz, 10 s, no normalisation");
}

TEST(Recipe, StMemsOwnFiltersTwiceAndStandardisesAllLeadsTogether) {
    const Recipe recipe = st_mem_recipe();
    EXPECT_EQ(recipe_text(recipe),
              "leads I II III aVR aVL aVF V1 V2 V3 V4 V5 V6, 250 Hz, 9 s (fewer: lead embedding), "
              "high-pass 0.67 Hz order 5, low-pass 40 Hz order 5, z-score over all leads");
    EXPECT_EQ(recipe.window_samples(), 2250U);
    EXPECT_EQ(parse_recipe(json::parse(recipe_json(recipe).dump()), "m"), recipe);
}

TEST(Recipe, MoiraisOwnLeavesScalingToItsEncoder) {
    const Recipe recipe = moirai_recipe();
    EXPECT_EQ(recipe_text(recipe),
              "leads I II III aVR aVL aVF V1 V2 V3 V4 V5 V6, 500 Hz, 10 s (fewer: those alone), "
              "padding masked, no normalisation");
    EXPECT_EQ(parse_recipe(json::parse(recipe_json(recipe).dump()), "m"), recipe);
    EXPECT_EQ(recipe_text(moirai_recipe(1)),
              "lead I, 500 Hz, 10 s, padding masked, no normalisation");
}

TEST(Recipe, MomentsOwnMakesItsSamplesByStraightLines) {
    const Recipe recipe = moment_recipe();
    EXPECT_EQ(recipe.window_samples(), 512U);
    EXPECT_EQ(recipe_text(recipe),
              "leads I II III aVR aVL aVF V1 V2 V3 V4 V5 V6, 51.2 Hz, 10 s (fewer: those alone), "
              "padding masked, by straight lines from 100 Hz, z-score");
    EXPECT_EQ(parse_recipe(json::parse(recipe_json(recipe).dump()), "m"), recipe);
    json impossible = recipe_json(recipe);
    impossible["interpolated_from_hz"] = 1;
    expect_input_error([&] { parse_recipe(impossible, "m"); }, {"interpolated_from_hz must be"});
}

TEST(Recipe, ThatOfTheReleasedComparisonStretchesPtbXl) {
    EXPECT_EQ(recipe_title(released_recipe()),
              "as-released: lead II, 500 Hz, 10 s, band-pass 0.67–40 Hz order 5, z-score");
    const Recipe recipe = released_ptbxl_recipe();
    EXPECT_EQ(recipe_title(recipe),
              "as-released-ptbxl: lead II, 2500 Hz, 2 s, the first window only, z-score");
    EXPECT_EQ(recipe.window_samples(), released_recipe().window_samples());
    EXPECT_EQ(parse_recipe(json::parse(recipe_json(recipe).dump()), "m"), recipe);
}

TEST(Recipe, RefusesImpossibleFiltersAndWaysWithFewerLeads) {
    const auto refuse = [](const char* key, const json& value, const char* word) {
        json changed = recipe_json(st_mem_recipe());
        changed[key] = value;
        expect_input_error([&] { parse_recipe(changed, "m"); }, {"m: recipe", word});
    };
    refuse("fewer_leads", "repeated", "'lead in place' or 'lead embedding'");
    refuse("high_pass_order", 11, "high_pass_order");
    refuse("low_pass_order", 2.5, "low_pass_order");
    refuse("low_pass_hz", 125, "low_pass_hz");
    refuse("high_pass_hz", 0, "high_pass_hz");
}

TEST(Recipe, AreKnownByName) {
    EXPECT_EQ(recipe_names(),
              (std::vector<std::string>{"clef", "ecgfounder", "ked", "st-mem", "moirai", "moment",
                                        "as-released", "as-released-ptbxl"}));
    for (const std::string& name : recipe_names()) {
        EXPECT_EQ(named_recipe(name, 12).name, name);
        EXPECT_EQ(named_recipe(name, 12).leads.size(), 12U);
    }
    expect_input_error([] { named_recipe("ecgfonder"); }, {"ecgfonder", "'ecgfounder'"});
}

// As version 0.1.0 wrote it, before there were notch, median, zeros for gaps and joint z-scores.
TEST(Recipe, AnOldFileMeansWhatItMeant) {
    const char* const old =
        R"({"band_pass_high_hz":40.0,"band_pass_low_hz":0.67,"band_pass_order":5,)"
        R"("epsilon":1e-08,"leads":["I"],"name":"clef","normalisation":"z-score",)"
        R"("sampling_rate_hz":500.0,"window_seconds":10.0})";
    EXPECT_EQ(parse_recipe(json::parse(old), "m"), clef_recipe());
    EXPECT_EQ(recipe_json(clef_recipe()).dump(), old);  // and old programs read today's
}

TEST(Recipe, RefusesUnknownMissingAndMistypedKeys) {
    json extra = recipe_json(clef_recipe());
    extra["sharpen_hz"] = 50;
    expect_input_error([&] { parse_recipe(extra, "m.st"); }, {"m.st", "'sharpen_hz'", "too old"});
    const json good = recipe_json(clef_recipe());
    for (const auto& [key, value] : good.items()) {
        json without = good;
        without.erase(key);
        expect_input_error([&] { parse_recipe(without, "m.st"); }, {"m.st", key});
        json mistyped = good;
        mistyped[key] = json::object();
        expect_input_error([&] { parse_recipe(mistyped, "m.st"); }, {"m.st", "recipe"});
    }
    expect_input_error([] { parse_recipe(json::array(), "m.st"); }, {"m.st"});
}

TEST(Recipe, RefusesImpossibleValues) {
    const auto refuse = [](const char* key, const json& value, const std::string& word) {
        json changed = recipe_json(clef_recipe());
        changed[key] = value;
        expect_input_error([&] { parse_recipe(changed, "m.st"); }, {"m.st", word});
    };
    refuse("sampling_rate_hz", 0, "sampling_rate_hz must be");
    refuse("sampling_rate_hz", 1e12, "sampling_rate_hz must be");
    refuse("window_seconds", -10, "window_seconds must be");
    refuse("leads", json::array(), "leads");
    refuse("leads", std::vector<std::string>(65, "I"), "leads");
    refuse("band_pass_order", 11, "band_pass_order must be");
    refuse("band_pass_order", -1, "band_pass_order must be");
    refuse("band_pass_order", 2.5, "band_pass_order must be");
    refuse("band_pass_order", 1e300, "band_pass_order must be");
    refuse("band_pass_low_hz", 0, "band");
    refuse("band_pass_low_hz", 41, "band");
    refuse("band_pass_high_hz", 250, "half the sampling rate");
    refuse("epsilon", -1, "epsilon");
    refuse("notch_hz", -50, "notch_hz must");
    refuse("notch_hz", 250, "notch_hz must");
    refuse("notch_quality", 0, "notch_quality must");
    refuse("median_samples", 200, "median_samples must be an odd number");
    refuse("median_samples", 2.5, "median_samples must");
    refuse("median_samples", 1e300, "median_samples must");
    refuse("missing", "spline", "'spline', expected 'interpolate' or 'zero'");
    refuse("missing", 0, "recipe");
    refuse("normalisation", "min-max", "'min-max'");
}

}  // namespace clef
