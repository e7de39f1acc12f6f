// What CLEF's released comparison makes of the other encoders: it differs from what is published in
// the places that are known, and nowhere else.
#include "encoder/as_released.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "formats/expect_input_error.hpp"

namespace clef {
namespace {

std::set<std::string> changed(const Model& before, const Model& after) {
    std::set<std::string> names;
    for (const auto& [name, tensor] : after.tensors) {
        if (tensor.data != before.tensors.at(name).data) names.insert(name);
    }
    return names;
}

}  // namespace

TEST(AsReleased, KedHasARandomStemOfOneLeadAtFiveHundredHertz) {
    const Model own = random_model("ked", 12, 1);
    const Model released = as_released(own, "as-released", 0);
    check_tensors(released, "x");
    EXPECT_EQ(changed(own, released), (std::set<std::string>{"0.0.weight"}));
    EXPECT_EQ(model_input_leads(released), 1);
    EXPECT_EQ(released.recipe, released_recipe(1));
    EXPECT_EQ(released.recipe.sampling_rate, 500);
    EXPECT_EQ(released.recipe.leads, (std::vector<std::string>{"II"}));
}

// 155 tensors of a single lead, six of them loaded.
TEST(AsReleased, StMemHasSixOfItsTensors) {
    const Model own = random_model("st-mem", 12, 1);
    const Model released = as_released(own, "as-released", 0);
    check_tensors(released, "x");
    EXPECT_EQ(released.tensors.size(), 155U);
    std::set<std::string> kept;
    for (const auto& [name, tensor] : released.tensors) {
        const auto values = own.tensors.at(name).floats();
        const bool drawn = std::any_of(values.begin(), values.end(), [&](float value) {
            return value != values.front();  // norms are ones and zeros whoever draws them
        });
        if (drawn && tensor.data == own.tensors.at(name).data) kept.insert(name);
    }
    EXPECT_EQ(kept,
              (std::set<std::string>{"to_patch_embedding.2.bias", "to_patch_embedding.2.weight"}));
    EXPECT_EQ(released.recipe.window_samples(), 66U * 75);
    EXPECT_EQ(as_released(own, "as-released-ptbxl", 0).recipe.window_samples(), 66U * 75);
}

TEST(AsReleased, StMemKeepsThePatchEmbeddingsNormsToo) {
    Model own = random_model("st-mem", 12, 1);
    for (auto& [name, tensor] : own.tensors) {
        for (float& value : tensor.floats()) value = 7;
    }
    std::size_t kept = 0;
    for (const auto& [name, tensor] : as_released(own, "as-released", 0).tensors) {
        if (tensor.floats()[0] == 7) ++kept;
    }
    EXPECT_EQ(kept, 6U);
}

TEST(AsReleased, MoiraiSeesZerosAndMomentLongWindows) {
    const Model moirai = random_model("moirai-1.1-r-small", 12, 1);
    EXPECT_EQ(changed(moirai, as_released(moirai, "as-released", 0)),
              (std::set<std::string>{"in_proj.bias", "in_proj.weight"}));
    const Model moment = random_model("moment-1-small", 12, 1);
    const Model released = as_released(moment, "as-released", 0);
    EXPECT_TRUE(changed(moment, released).empty());
    EXPECT_EQ(released.recipe.window_samples() / 8, 625U);
    EXPECT_EQ(model_input_leads(released), 1);
}

TEST(AsReleased, IsSaidByTheModelAndAskedForByName) {
    const Model own = random_model("clef-small", 1, 1);
    const Model released = as_released(own, "as-released", 0);
    EXPECT_TRUE(changed(own, released).empty());
    EXPECT_EQ(released.recipe.name, "as-released");
    EXPECT_EQ(released.provenance.at("as_released").at("weights"), "no weight is changed");
    testing::expect_input_error([&] { as_released(own, "ked", 0); },
                                {"recipe 'ked'", "'as-released-ptbxl'"});
}

}  // namespace clef
