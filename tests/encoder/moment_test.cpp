// MOMENT as data: numbers from hostile files, buckets of distances, the published sizes, random
// weights.
#include "encoder/moment.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "encoder/model.hpp"
#include "formats/expect_input_error.hpp"

namespace clef {

TEST(Moment, RefusesNumbersThatCannotBe) {
    const auto refuse = [](const char* key, const nlohmann::json& value, const char* text) {
        nlohmann::json config = moment_json({});
        config[key] = value;
        testing::expect_input_error([&] { parse_moment(config); }, {text});
    };
    EXPECT_EQ(parse_moment(moment_json({})), MomentShape{});
    refuse("buckets", 30, "buckets is 30; expected a multiple of 4");
    refuse("farthest", 8, "farthest is 8; expected more than 8");
    refuse("depth", 1.5, "depth is 1.5");
    refuse("width", -1, "width is -1");
    refuse("patch", 0, "patch is 0");
}

// As T5 of transformers 4.33 prints them (tests/data/runtime/moment/make_goldens.py --buckets).
TEST(Moment, SortsDistancesAsT5Does) {
    const std::vector<std::size_t> behind = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  8,  8,  8,  9,  9,  9,  9,  10, 10, 10, 10, 10, 10,
        10, 11, 11, 11, 11, 11, 11, 11, 11, 11, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
        12, 12, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 14};
    const MomentShape shape;
    for (std::size_t i = 0; i < behind.size(); ++i) {
        const auto distance = static_cast<std::ptrdiff_t>(i);
        EXPECT_EQ(moment_bucket(shape, -distance), behind[i]) << i;
        EXPECT_EQ(moment_bucket(shape, distance), behind[i] + (i > 0 ? 16 : 0)) << i;
    }
    EXPECT_EQ(moment_bucket(shape, 90), 30U);
    EXPECT_EQ(moment_bucket(shape, 91), 31U);
    EXPECT_EQ(moment_bucket(shape, -4999), 15U);
}

// The base size as published, with the words' embeddings (32,128 of them) and the head; the others'
// numbers follow from Flan-T5's.
TEST(Moment, HasThePublishedSizes) {
    const auto whole = [](const char* name) {
        const Model model = empty_model(name, 12);
        const auto width = static_cast<std::size_t>(model_outputs(model));
        return model_parameters(model) + 32'128 * width + 8 * (width + 1);
    };
    EXPECT_EQ(whole("moment-1-base"), 109'641'608U);
    EXPECT_EQ(model_parameters(empty_model("moment-1-base", 12)), 84'961'152U);
    EXPECT_EQ(model_outputs(empty_model("moment-1-small", 12)), 512);
    EXPECT_EQ(model_outputs(empty_model("moment-1-large", 12)), 1024);
}

// 64 patches; per patch and layer, 4 · 768² for attention, 3 · 768 · 2048 behind it.
TEST(Moment, CountsMultiplyAdds) {
    MomentShape shape;
    shape.input_leads = 1;
    const std::uint64_t layer = 64 * (4 * 768 * 768 + 3 * 768 * 2048) + 2 * 64 * 64 * 768;
    EXPECT_EQ(moment_multiply_adds(shape, 512), 64 * 8 * 768 + 12 * layer);
}

TEST(Moment, RandomWeightsHaveT5sDeviationsAndFixedPositions) {
    const Model model = random_model("moment-1-small", 12, 3);
    const auto deviation = [&](const char* name) {
        const auto values = model.tensors.at(name).floats();
        double squares = 0;
        for (const float value : values) squares += double{value} * value;
        return std::sqrt(squares / static_cast<double>(values.size()));
    };
    EXPECT_NEAR(deviation("encoder.block.3.layer.0.SelfAttention.q.weight"),
                1 / std::sqrt(512.0 * 64), 1e-4);
    EXPECT_NEAR(deviation("encoder.block.3.layer.1.DenseReluDense.wo.weight"), 1 / 32.0, 1e-3);
    EXPECT_EQ(deviation("patch_embedding.mask_embedding"), 0);
    EXPECT_EQ(deviation("encoder.final_layer_norm.weight"), 1);
    const auto positions = model.tensors.at("patch_embedding.position_embedding.pe").floats();
    EXPECT_EQ(positions[0], 0);
    EXPECT_EQ(positions[1], 1);
    EXPECT_NEAR(positions[7 * 512 + 10], std::sin(7 * std::pow(10000.0, -10.0 / 512)), 1e-7);
    EXPECT_NEAR(positions[7 * 512 + 11], std::cos(7 * std::pow(10000.0, -10.0 / 512)), 1e-7);
}

}  // namespace clef
