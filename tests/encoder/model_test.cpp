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
            file.tensors["first_bn.bias"] = Tensor::zeros({32}, ElementType::float16);
        },
        {"254 of 257 tensors of clef-small match", "missing (1): first_conv.conv.bias",
         "not expected (1): dense.weight", "first_bn.weight float32 (31) (expected float32 (32))",
         "first_bn.bias float16"});
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
    refuse([](SafetensorsFile& file) { file.metadata.clear(); },
           {"clef.architecture", "not a clef model file"});
    refuse([](SafetensorsFile& file) { file.metadata.erase("clef.recipe"); }, {"clef.recipe"});
    refuse([](SafetensorsFile& file) { file.metadata["clef.architecture"] = "{"; }, {"metadata"});
    refuse([](SafetensorsFile& file) { file.metadata["clef.labels"] = "{\"a\":1}"; }, {"metadata"});
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
