#include "encoder/model.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "encoder/safetensors.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::TemporaryFolder;

namespace {

// Writes a good model file after `change` was done to what it holds.
void refuse(const std::function<void(SafetensorsFile&)>& change,
            std::initializer_list<std::string> words) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "m.safetensors";
    write_model(random_model("clef-small", 1, 1), path);
    SafetensorsFile file = read_safetensors(path);
    change(file);
    write_safetensors(file, path);
    expect_input_error([&] { read_model(path); }, words);
    expect_input_error([&] { read_model(path); }, {"m.safetensors"});
}

// Replaces a value in the JSON metadata under `key`.
std::function<void(SafetensorsFile&)> set(const std::string& key, const std::string& name,
                                          const nlohmann::json& value) {
    return [=](SafetensorsFile& file) {
        auto json = nlohmann::json::parse(file.metadata.at(key));
        json[name] = value;
        file.metadata[key] = json.dump();
    };
}

}  // namespace

TEST(ModelFile, WhatIsWrittenIsReadBack) {
    const TemporaryFolder folder;
    Model model = random_model("ecgfounder", 12, 3);
    EXPECT_EQ(model.recipe, ecgfounder_recipe(12));
    model.recipe.epsilon = 1e-6;
    model.provenance["note"] = "für den Test";
    for (int i = 0; i < 150; ++i) model.labels.push_back(fmt::format("label {}", i));
    write_model(model, folder.path() / "m.safetensors");
    const Model found = read_model(folder.path() / "m.safetensors");
    EXPECT_EQ(found.architecture, "ecgfounder");
    EXPECT_EQ(found.shape, model.shape);
    EXPECT_EQ(found.recipe, model.recipe);
    EXPECT_EQ(found.labels, model.labels);
    EXPECT_EQ(found.provenance, model.provenance);
    ASSERT_EQ(found.tensors.size(), model.tensors.size());
    for (const auto& [name, tensor] : model.tensors) {
        EXPECT_EQ(found.tensors.at(name).data, tensor.data) << name;
    }
}

TEST(RandomModel, TheSameSeedGivesTheSameFileToTheByte) {
    const TemporaryFolder folder;
    write_model(random_model("clef-small", 1, 5), folder.path() / "1");
    write_model(random_model("clef-small", 1, 5), folder.path() / "2");
    write_model(random_model("clef-small", 1, 6), folder.path() / "3");
    const std::string first = read_text_file(folder.path() / "1");
    EXPECT_EQ(first, read_text_file(folder.path() / "2"));
    EXPECT_NE(random_model("clef-small", 1, 5).tensors.at("first_conv.conv.weight").data,
              random_model("clef-small", 1, 6).tensors.at("first_conv.conv.weight").data);
}

TEST(RandomModel, DrawsAsPyTorchDoesByDefault) {
    const Model model = random_model("clef-small", 1, 5);
    // The stem has 16 inputs, the second linear layer of stage 5 has 128; biases share the bound.
    const auto bounded = [&](const char* name, double bound) {
        double largest = 0;
        for (const float value : model.tensors.at(name).floats()) {
            largest = std::max<double>(largest, std::abs(value));
        }
        EXPECT_LE(largest, bound) << name;
        EXPECT_GT(largest, 0.9 * bound) << name;
    };
    bounded("first_conv.conv.weight", 0.25);
    bounded("first_conv.conv.bias", 0.25);
    bounded("stage_list.5.block_list.1.se_fc2.weight", 1 / std::sqrt(128.0));
    bounded("stage_list.5.block_list.1.se_fc2.bias", 1 / std::sqrt(128.0));
    for (const float value : model.tensors.at("first_bn.running_var").floats()) EXPECT_EQ(value, 1);
    for (const float value : model.tensors.at("first_bn.bias").floats()) EXPECT_EQ(value, 0);
}

TEST(ModelFile, ListsMissingExtraAndDifferentTensors) {
    refuse(
        [](SafetensorsFile& file) {
            file.tensors.erase("first_conv.conv.bias");
            file.tensors["dense.weight"] = Tensor::zeros({5, 256});
            file.tensors["first_bn.weight"] = Tensor::zeros({31});
            file.tensors["first_bn.bias"] = Tensor::zeros({32}, ElementType::float64);
        },
        {"254 of 257 tensors of clef-small match", "missing (1): first_conv.conv.bias",
         "not expected (1): dense.weight", "first_bn.weight float32 (31) (expected float32 (32))",
         "first_bn.bias float64"});
}

TEST(ModelFile, AModelWithWrongTensorsIsNotWritten) {
    const TemporaryFolder folder;
    Model model = random_model("clef-small", 1, 1);
    model.tensors.erase("first_conv.conv.bias");
    expect_input_error([&] { write_model(model, folder.path() / "m"); },
                       {"missing (1): first_conv.conv.bias"});
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "m"));
}

TEST(ModelFile, RefusesFilesThatAreNoModels) {
    refuse([](SafetensorsFile& file) { file.metadata.erase("clef.recipe"); }, {"clef.recipe"});
    refuse([](SafetensorsFile& file) { file.metadata["clef.architecture"] = "{"; }, {"metadata"});
    refuse([](SafetensorsFile& file) { file.metadata["clef.labels"] = "{\"a\":1}"; }, {"metadata"});
    refuse([](SafetensorsFile& file) { file.metadata["clef.version"] = "99"; },
           {"version 99", "reads 0–1", "newer"});
    refuse([](SafetensorsFile& file) { file.metadata["clef.version"] = "one"; }, {"version one"});
}

// Each was written by the program as it was when its version was current: never rewrite them.
TEST(ModelFile, ReadsEveryVersionWrittenSoFar) {
    for (int version = 0; version <= model_file_version; ++version) {
        const Model model = read_model(std::filesystem::path(CLEF_TEST_DATA) /
                                       fmt::format("models/clef-model-{}.safetensors", version));
        EXPECT_EQ(model.architecture, "tiny") << version;
        EXPECT_EQ(model.shape.stage_channels, (std::vector<int>{8, 16}));
        EXPECT_EQ(model.recipe, clef_recipe(1));
        EXPECT_EQ(model.labels,
                  (std::vector<std::string>{"atrial fibrillation", "normal", "other"}));
        EXPECT_EQ(model.provenance.at("seed"), 7);
        EXPECT_EQ(model_outputs(model), 3);
        const auto dense = model.tensors.at("dense.bias").floats();
        EXPECT_FLOAT_EQ(dense[0], -0.1F);
        EXPECT_FLOAT_EQ(dense[2], -0.08F);
    }
}

TEST(ModelFile, HalvesAreWidenedUnlessTheyAreToBeKept) {
    const TemporaryFolder folder;
    Model model = random_model("clef-small", 1, 1);
    Tensor& bias = model.tensors.at("first_conv.conv.bias");
    bias = Tensor::zeros({32}, ElementType::bfloat16);
    bias.data[1] = std::byte{0x3F};  // 0x3F80: one
    bias.data[0] = std::byte{0x80};
    write_model(model, folder.path() / "m", {.digests = true});
    const Model wide = read_model(folder.path() / "m");
    EXPECT_EQ(wide.tensors.at("first_conv.conv.bias").floats()[0], 1.0F);
    const Model kept = read_model(folder.path() / "m", {.keep_precision = true});
    EXPECT_EQ(kept.tensors.at("first_conv.conv.bias").type, ElementType::bfloat16);
    EXPECT_EQ(recorded_digests(folder.path() / "m").size(), model.tensors.size());
}

TEST(Architectures, AreFoundByNameAndAgreeWithTheirFamily) {
    for (const Architecture& architecture : architectures()) {
        for (const int leads : architecture.leads) {
            const Model model = empty_model(architecture.name, leads);
            EXPECT_EQ(model_input_leads(model), leads) << architecture.name;
            EXPECT_EQ(static_cast<int>(model.recipe.leads.size()), leads) << architecture.name;
            EXPECT_GT(model_multiply_adds(model), 0U);
        }
    }
    expect_input_error([] { empty_model("clef-smal"); }, {"clef-smal", "'clef-small'?"});
    expect_input_error([] { find_family("resnet"); }, {"resnet", "net1d"});
    ASSERT_NE(find_published_file("clef_largel.ckpt"), nullptr);
    EXPECT_EQ(find_published_file("clef_large.ckpt"), nullptr);
}

TEST(ModelFile, RefusesImpossibleArchitecturesAndRecipes) {
    const std::string architecture = "clef.architecture";
    refuse(set(architecture, "family", "transformer"), {"transformer", "net1d"});
    refuse(set(architecture, "kernel", 1e300), {"1e+300 is no size"});
    refuse(set(architecture, "kernel", 16.5), {"16.5 is no size"});
    refuse(set(architecture, "base_channels", -1), {"-1 is no size"});
    refuse(set(architecture, "base_channels", 0), {"base_channels must be"});
    refuse(set(architecture, "stage_blocks", {1, 1, 2, 2, 2, 1 << 29}), {"1–256 blocks"});
    refuse(set(architecture, "input_leads", 12), {"takes 12 leads, its recipe names 1"});
    refuse(set("clef.recipe", "window_seconds", 1e9), {"window_seconds"});
    refuse(set("clef.recipe", "sharpen", true), {"unknown key 'sharpen'"});
}

}  // namespace clef
