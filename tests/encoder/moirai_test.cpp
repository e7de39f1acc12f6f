// Moirai as data: numbers from hostile files, the published sizes, random weights.
#include "encoder/moirai.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "encoder/architecture.hpp"
#include "encoder/model.hpp"
#include "formats/expect_input_error.hpp"

namespace clef {

TEST(Moirai, RefusesNumbersThatCannotBe) {
    const auto refuse = [](const char* key, const nlohmann::json& value, const char* text) {
        nlohmann::json config = moirai_json({});
        config[key] = value;
        testing::expect_input_error([&] { parse_moirai(config); }, {text});
    };
    EXPECT_EQ(parse_moirai(moirai_json({})), MoiraiShape{});
    refuse("patch", 60, "patch is 60; expected one of [8,16,32,64,128]");
    refuse("head_width", 66, "head_width is 66; expected a multiple of 4");
    refuse("patch_sizes", nlohmann::json::array(), "patch_sizes");
    refuse("depth", 1.5, "depth is 1.5");
    refuse("width", -1, "width is -1");
    refuse("heads", 0, "heads is 0");
}

// What is published of the sizes is the whole models' numbers of parameters, in millions (14, 91
// and 311; arXiv 2402.02592): with the layers of the forecast, patch sizes × (4 mixture
// weights + 8 numbers of each component) outputs per sample, and the masked token.
TEST(Moirai, HasThePublishedSizes) {
    const auto whole = [](const char* name) {
        const Model model = empty_model(name, 12);
        const auto width = static_cast<std::size_t>(model_outputs(model));
        const std::size_t outputs = 5 * 128 * (4 + 8);
        return model_parameters(model) + outputs * (width + 1) + width;
    };
    EXPECT_EQ(whole("moirai-1.1-r-base"), 91'357'728U);
    EXPECT_EQ(whole("moirai-1.1-r-small") / 1'000'000, 13U);
    EXPECT_EQ(whole("moirai-1.1-r-large") / 1'000'000, 310U);
}

// 40 patches of each lead; per token and layer, 4 · 768² for attention, 3 · 768 · 2048 behind it.
TEST(Moirai, CountsMultiplyAdds) {
    MoiraiShape shape;
    shape.input_leads = 1;
    const std::uint64_t layer = 40 * (4 * 768 * 768 + 3 * 768 * 2048) + 2 * 40 * 40 * 768;
    EXPECT_EQ(moirai_multiply_adds(shape, 5000), 40 * 128 * 768 + 12 * layer);
}

TEST(Moirai, RandomWeightsEndWhereTheirPatchSizeDoes) {
    const Model model = random_model("moirai-1.1-r-small", 12, 3);
    const auto weight = model.tensors.at("in_proj.weight").floats();
    const auto row = weight.subspan(384 * 128, 128);  // the first of the patches of 16
    EXPECT_TRUE(std::all_of(row.begin(), row.begin() + 16,
                            [](float value) { return value != 0 && std::abs(value) <= 0.25F; }));
    EXPECT_TRUE(std::all_of(row.begin() + 16, row.end(), [](float value) { return value == 0; }));
    for (const float value : model.tensors.at("encoder.layers.3.self_attn.q_norm.weight").floats())
        EXPECT_EQ(value, 1);
}

}  // namespace clef
