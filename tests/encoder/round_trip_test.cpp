// What clef wrote beside the tensors comes back with them, and damage to either is noticed.
#include <gtest/gtest.h>

#include "encoder/checked_parts.hpp"
#include "encoder/export.hpp"
#include "encoder/import.hpp"
#include "encoder/model_note.hpp"
#include "encoder/torch_zip_writer.hpp"
#include "formats/expect_input_error.hpp"
#include "procedural.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::TemporaryFolder;

namespace {

// CLEF-small with three labelled outputs, a filter of its own and a history: no built-in encoder.
Model own_model() {
    Model model = random_model("clef-small", 1, 5);
    model.architecture = "mine";
    model.shape.outputs = 3;
    model.tensors["dense.weight"] = Tensor::zeros({3, 256});
    model.tensors["dense.bias"] = Tensor::from({3}, std::vector<float>{1, 2, 3});
    model.recipe.leads = {"V5"};
    model.recipe.band_pass_high = 45;
    model.labels = {"sinus rhythm", "atrial fibrillation", "other"};
    model.provenance = {{"cohort", "mine"}, {"steps", 7}};
    return model;
}

std::filesystem::path write_noted(const TemporaryFolder& folder, const std::string& note) {
    const Tensor weight = Tensor::zeros({2});
    write_torch_checkpoint({{"w", &weight}}, note, folder.path() / "m.pth");
    return folder.path() / "m.pth";
}

}  // namespace

TEST(RoundTrip, ThroughPyTorchsFormatKeepsArchitectureRecipeLabelsAndProvenance) {
    const TemporaryFolder folder;
    const Model model = own_model();
    write_torch(model, folder.path() / "m.pth");
    const Model back = read_model(folder.path() / "m.pth", {.quiet = true});
    EXPECT_EQ(model_note(back), model_note(model));
    ASSERT_EQ(back.tensors.size(), model.tensors.size());
    for (const auto& [name, tensor] : model.tensors) {
        EXPECT_EQ(back.tensors.at(name).data, tensor.data) << name;
    }
    // A model file made of it is the same, byte for byte.
    write_model(model, folder.path() / "a.safetensors");
    write_model(back, folder.path() / "b.safetensors");
    EXPECT_TRUE(read_text_file(folder.path() / "a.safetensors") ==
                read_text_file(folder.path() / "b.safetensors"));
}

TEST(RoundTrip, ANoteThatDoesNotFitItsTensorsIsRefused) {
    const TemporaryFolder folder;
    const auto refuse = [&](const std::string& note, std::initializer_list<std::string> words) {
        const auto path = write_noted(folder, note);
        expect_input_error([&] { read_model(path); }, words);
        expect_input_error([&] { read_model(path); }, {"m.pth"});
    };
    nlohmann::json note = model_note(own_model());
    refuse(note.dump(),
           {"0 of 259 tensors of mine match", "missing (259)", "not expected (1):\n    w"});
    note["version"] = 1000;
    refuse(note.dump(), {"clef.json", "version 1000", "newer"});
    refuse("{", {"clef.json", "metadata"});
    refuse("[1]", {"clef.json", "metadata"});
    refuse(std::string(100'000, '['), {"clef.json", "nested more than 100 deep"});
}

TEST(RoundTrip, AFlippedBitIsNoticedAndItsEntryNamed) {
    const TemporaryFolder folder;
    const Model model = own_model();
    const auto path = folder.path() / "m.pth";
    write_torch(model, path);
    const std::string whole = read_text_file(path);
    const auto damage = [&](std::size_t position) {
        std::string bytes = whole;
        bytes.at(position) = static_cast<char>(bytes.at(position) ^ 1);
        write_file(path, bytes);
    };
    const auto& bias = model.tensors.at("dense.bias").data;
    const std::string wanted(reinterpret_cast<const char*>(bias.data()), bias.size());
    damage(whole.find(wanted) + 4);
    expect_input_error([&] { read_model(path); },
                       {"m.pth", "archive/data/258", "CRC-32", "damaged"});
    damage(whole.find("atrial"));
    expect_input_error([&] { read_model(path); }, {"archive/clef.json", "CRC-32"});
    damage(whole.find("dense.weight"));  // a letter of a name
    expect_input_error([&] { read_model(path); }, {"archive/data.pkl", "CRC-32"});
}

TEST(CheckedParts, OnlyWhatIsReadIsChecked) {
    const TemporaryFolder folder;
    const std::string text = "head, body, tail";
    write_file(folder.path() / "f", text);
    const MappedFile file(folder.path() / "f");
    const auto bytes = file.bytes();
    PartChecker checker(file,
                        {{"head", bytes.subspan(0, 4), testing::crc32("head"), true},
                         {"body", bytes.subspan(6, 4), testing::crc32("bogy"), false},
                         {"tail", bytes.subspan(12, 4), 0, true}},  // none recorded
                        "f");
    checker.check_heads();
    checker.check_around(bytes.subspan(1, 2));
    checker.check_around(bytes.subspan(4, 2));  // between parts
    checker.check_around(bytes.subspan(13, 2));
    expect_input_error([&] { checker.check_around(bytes.subspan(7, 2)); }, {"f", "'body'"});
}

}  // namespace clef
