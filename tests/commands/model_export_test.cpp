// What the command itself decides; what it writes is in tests/encoder and scripts/check-exports.sh.
#include <filesystem>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "commands/program.hpp"
#include "encoder/model.hpp"
#include "shared.hpp"

namespace clef {

using testing::run;

namespace {

class ModelExport : public ::testing::Test {
  protected:
    void SetUp() override { write_model(random_model("clef-small", 1, 1), model_); }

    testing::Outcome export_to(const std::string& name, testing::Words more = {}) {
        testing::Words words = {"model", "export", model_.string(), "-o", path(name)};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }
    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    testing::TemporaryFolder folder_;
    std::filesystem::path model_ = folder_.path() / "m.safetensors";
};

}  // namespace

TEST_F(ModelExport, TheOutputsNameTellsTheFormat) {
    for (const std::string name : {"e.onnx", "e.pth", "e.safetensors"}) {
        const auto outcome = export_to(name);
        testing::expect_done(outcome);
        testing::expect_words(outcome.out, {name, "clef-small", "z-score"});
        EXPECT_TRUE(std::filesystem::exists(path(name)));
    }
    testing::expect_refusal(export_to("e.bin"), {"e.bin", "--format safetensors|pth|onnx"});
    testing::expect_done(export_to("e.bin", {"--format", "pth"}));
}

TEST_F(ModelExport, WhatWentThroughPyTorchsFormatIsTheSameFileAgain) {
    Model model = random_model("clef-small", 1, 1);
    model.recipe.leads = {"II"};
    model.provenance["cohort"] = "mine";
    write_model(model, model_);
    testing::expect_done(export_to("direct.safetensors"));
    testing::expect_done(export_to("e.pth"));
    const auto outcome =
        run({"model", "import", path("e.pth"), "-o", path("imported.safetensors")});
    testing::expect_done(outcome);
    testing::expect_words(outcome.out, {"lead II"});
    testing::expect_words(outcome.err, {"clef.json"});
    EXPECT_TRUE(read_text_file(path("imported.safetensors")) ==
                read_text_file(path("direct.safetensors")));
}

TEST_F(ModelExport, JsonSaysWhatIsLeftOfTheRecipe) {
    const auto outcome = export_to("e.onnx", {"--with-recipe", "--json"});
    testing::expect_done(outcome);
    const auto json = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(json.at("before").at("band_pass_order"), 0);
    EXPECT_EQ(json.at("before").at("normalisation"), "none");
    EXPECT_EQ(json.at("recipe").at("band_pass_order"), 5);
    EXPECT_EQ(json.at("bytes"), std::filesystem::file_size(path("e.onnx")));
}

TEST_F(ModelExport, RefusesWhatMakesNoSense) {
    testing::expect_refusal(export_to("e.onnx", {"--format", "onxx"}), {"onxx", "'onnx'"});
    testing::expect_refusal(export_to("e.pth", {"--with-recipe"}),
                            {"--with-recipe", "tensors only"});
    testing::expect_refusal(export_to("m.safetensors"), {"is the model itself"});
    testing::expect_refusal(export_to("e.onnx", {"--window-samples", "0"}), {"--window-samples 0"});
    EXPECT_FALSE(std::filesystem::exists(path("e.onnx")));
}

}  // namespace clef
