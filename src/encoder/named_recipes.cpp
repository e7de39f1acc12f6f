// The recipes that have a name; where each number comes from stands in recipe.hpp.
#include "base/error.hpp"
#include "base/text.hpp"
#include "encoder/recipe.hpp"

namespace clef {

namespace {

const std::vector<std::string> twelve_leads = {"I",  "II", "III", "aVR", "aVL", "aVF",
                                               "V1", "V2", "V3",  "V4",  "V5",  "V6"};

// fewer: what one of twelve leads does where not all are there.
void set_leads(Recipe& recipe, int leads, FewerLeads fewer) {
    if (leads != 12) return;
    recipe.leads = twelve_leads;
    recipe.fewer_leads = fewer;
}

struct Named {
    const char* name;
    Recipe (*recipe)(int leads);
};

constexpr Named named_recipes[] = {{"clef", clef_recipe},
                                   {"ecgfounder", ecgfounder_recipe},
                                   {"ked", ked_recipe},
                                   {"st-mem", st_mem_recipe},
                                   {"moirai", moirai_recipe},
                                   {"moment", moment_recipe},
                                   {"as-released", released_recipe},
                                   {"as-released-ptbxl", released_ptbxl_recipe}};

}  // namespace

Recipe clef_recipe(int leads) {
    Recipe recipe;
    set_leads(recipe, leads, FewerLeads::refused);
    return recipe;
}

Recipe ecgfounder_recipe(int leads) {
    Recipe recipe;
    recipe.name = "ecgfounder";
    set_leads(recipe, leads, FewerLeads::refused);
    recipe.zero_missing = true;
    recipe.notch = 50;
    recipe.notch_quality = 30;
    recipe.band_pass_order = 4;
    recipe.median_samples = 201;
    recipe.joint_z_score = true;
    return recipe;
}

Recipe ked_recipe(int leads) {
    Recipe recipe;
    recipe.name = "ked";
    recipe.sampling_rate = 100;
    set_leads(recipe, leads, FewerLeads::in_place);
    recipe.band_pass_order = 0;
    recipe.z_score = false;
    return recipe;
}

Recipe st_mem_recipe(int leads) {
    Recipe recipe;
    recipe.name = "st-mem";
    recipe.sampling_rate = 250;
    recipe.window_seconds = 9;
    set_leads(recipe, leads, FewerLeads::lead_embedding);
    recipe.band_pass_order = 0;
    recipe.high_pass_order = 5;
    recipe.low_pass_order = 5;
    recipe.joint_z_score = true;
    return recipe;
}

Recipe moirai_recipe(int leads) {
    Recipe recipe;
    recipe.name = "moirai";
    recipe.padding_masked = true;
    set_leads(recipe, leads, FewerLeads::alone);
    recipe.band_pass_order = 0;
    recipe.z_score = false;
    return recipe;
}

Recipe moment_recipe(int leads) {
    Recipe recipe;
    recipe.name = "moment";
    recipe.padding_masked = true;
    recipe.sampling_rate = 51.2;
    recipe.interpolated_from = 100;
    set_leads(recipe, leads, FewerLeads::alone);
    recipe.band_pass_order = 0;
    return recipe;
}

Recipe released_recipe(int leads) {
    Recipe recipe = clef_recipe(leads);
    recipe.name = "as-released";
    if (leads == 1) recipe.leads = {"II"};
    return recipe;
}

Recipe released_ptbxl_recipe(int leads) {
    Recipe recipe = released_recipe(leads);
    recipe.name = "as-released-ptbxl";
    recipe.sampling_rate = 2500;
    recipe.window_seconds = 2;
    recipe.first_window_only = true;
    recipe.band_pass_order = 0;
    return recipe;
}

std::vector<std::string> recipe_names() {
    std::vector<std::string> names;
    for (const Named& named : named_recipes) names.emplace_back(named.name);
    return names;
}

Recipe named_recipe(const std::string& name, int leads) {
    for (const Named& named : named_recipes) {
        if (name == named.name) return named.recipe(leads);
    }
    fail_input("no recipe '{}'.{}", name, suggestion(name, recipe_names()));
}

}  // namespace clef
