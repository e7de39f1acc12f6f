#include "encoder/import.hpp"

#include <cstring>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <set>

#include "base/text.hpp"
#include "encoder/safetensors.hpp"
#include "encoder/zip_writer.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::TemporaryFolder;

namespace {

Imported import_file(const std::filesystem::path& path, const ImportOptions& options = {}) {
    const MappedFile file(path);
    return import_model(file, path.string(), options);
}

// A bare safetensors file of clef-small after `change` was done to its tensors.
std::filesystem::path bare(const TemporaryFolder& folder,
                           const std::function<void(Tensors&)>& change) {
    Tensors tensors = random_model("clef-small", 1, 1).tensors;
    change(tensors);
    const auto path = folder.path() / "m.safetensors";
    write_safetensors({}, tensors, path);
    return path;
}

void rename(Tensors& tensors, const std::string& from, const std::string& to) {
    auto node = tensors.extract(from);
    node.key() = to;
    tensors.insert(std::move(node));
}

void refuse(const std::function<void(Tensors&)>& change, std::initializer_list<std::string> words) {
    const TemporaryFolder folder;
    const auto path = bare(folder, change);
    expect_input_error([&] { import_file(path); }, words);
    expect_input_error([&] { read_model(path); }, words);
    expect_input_error([&] { read_model(path); }, {"m.safetensors"});
}

}  // namespace

// The list was made with Python (tests/data/checkpoints/make_checkpoints.py --digests).
TEST(Import, TheReferenceCheckpointsGiveTheSameTensorsBitForBit) {
    CLEF_REQUIRE_SHARED("goldens/checkpoints");
    const std::string list =
        read_text_file(std::filesystem::path(CLEF_TEST_DATA) / "checkpoints/clef_small.tsv");
    for (const char* name : {"clef_small_lightning.ckpt", "clef_small_legacy.pth"}) {
        const Imported imported =
            import_file(testing::shared_folder() / "goldens/checkpoints" / name);
        EXPECT_EQ(imported.model.architecture, "clef-small");
        EXPECT_EQ(imported.model.recipe, clef_recipe(1));
        EXPECT_EQ(imported.partial, "");
        std::size_t compared = 0;
        for (const std::string_view line : split(list, '\n')) {
            if (line.empty()) continue;
            const auto cells = split(line, '\t');
            const Tensor& tensor = imported.model.tensors.at(std::string(cells[0]));
            EXPECT_EQ(element_name(tensor.type), cells[1]) << cells[0];
            EXPECT_EQ(fmt::format("{}", fmt::join(tensor.shape, ",")), cells[2]) << cells[0];
            EXPECT_EQ(tensor_digest(tensor), cells[3]) << name << " " << cells[0];
            ++compared;
        }
        EXPECT_EQ(compared, imported.model.tensors.size()) << name;
    }
}

TEST(Import, SaysWhatItRecognisedAndLeavesTheOptimiserAlone) {
    CLEF_REQUIRE_SHARED("goldens/checkpoints");
    const Imported imported =
        import_file(testing::shared_folder() / "goldens/checkpoints/clef_small_lightning.ckpt");
    for (const char* word : {"PyTorch zip checkpoint", "under 'state_dict'", "prefix 'backbone.'",
                             "clef-small with 1 lead,", "257 tensors"}) {
        EXPECT_NE(imported.recognised.find(word), std::string::npos) << imported.recognised;
    }
    EXPECT_EQ(imported.model.provenance.at("imported_types"), "float32 (226)");
}

// The published lists of names and shapes: each architecture is told from every other.
TEST(Recognise, KnowsEveryArchitectureFromItsNamesAndShapes) {
    for (const Architecture& architecture : architectures()) {
        for (const int leads : architecture.leads) {
            Checkpoint checkpoint{"test", {{"state_dict", "backbone.", {}}}, 0};
            for (const TensorSpec& spec : model_tensors(empty_model(architecture.name, leads))) {
                StoredTensor tensor;
                tensor.type = spec.type;
                tensor.shape = spec.shape;
                checkpoint.groups[0].tensors[spec.name] = tensor;
            }
            const Recognition recognition = recognise(checkpoint, "x");
            EXPECT_EQ(recognition.architecture->name, architecture.name);
            EXPECT_EQ(recognition.leads, leads);
            EXPECT_TRUE(recognition.complete());
        }
    }
}

TEST(Import, ABareSafetensorsFileIsRecognised) {
    const TemporaryFolder folder;
    const auto path = bare(folder, [](Tensors&) {});
    const Model model = read_model(path, {.quiet = true});
    EXPECT_EQ(model.architecture, "clef-small");
    EXPECT_EQ(model.tensors.at("first_conv.conv.bias").data,
              random_model("clef-small", 1, 1).tensors.at("first_conv.conv.bias").data);
}

TEST(Import, NamesTheMissingTensor) {
    refuse([](Tensors& tensors) { tensors.erase("first_conv.conv.bias"); },
           {"256 of 257 tensors of clef-small match", "missing (1):", "first_conv.conv.bias",
            "--allow-partial"});
}

TEST(Import, SuggestsWhatAMissingTensorWasRenamedTo) {
    refuse(
        [](Tensors& tensors) { rename(tensors, "first_conv.conv.weight", "first_conv.c.weight"); },
        {"missing (1):", "first_conv.conv.weight (renamed? 'first_conv.c.weight' has its shape)",
         "not expected (1):"});
}

TEST(Import, ListsWronglyShapedAndUnexpectedTensors) {
    refuse(
        [](Tensors& tensors) {
            tensors["first_bn.weight"] = Tensor::zeros({31});
            tensors["head.weight"] = Tensor::zeros({5, 256});
        },
        {"first_bn.weight float32 (31) (expected float32 (32))",
         "not expected (1):", "head.weight"});
}

TEST(Import, RefusesAnotherArchitecture) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "vit.safetensors";
    write_safetensors({}, {{"block0.attn.to_qkv.weight", Tensor::zeros({12, 4})}}, path);
    expect_input_error([&] { import_file(path); },
                       {"vit.safetensors", "encoder that is not known", "clef-large",
                        "block0.attn.to_qkv.weight (12, 4)"});
}

TEST(Import, TellsTwoEquallyGoodSetsApartByRefusing) {
    refuse(
        [](Tensors& tensors) {
            const Tensors copy = tensors;
            for (const auto& [name, tensor] : copy) tensors["module." + name] = tensor;
        },
        {"two sets of tensors match clef-small equally well", "bare", "prefix 'module.'"});
}

TEST(Import, LeavesOutWhatStandsBesideThePrefix) {
    const TemporaryFolder folder;
    const auto path = bare(folder, [](Tensors& tensors) {
        const Tensors copy = std::move(tensors);
        tensors.clear();
        for (const auto& [name, tensor] : copy) tensors["module.backbone." + name] = tensor;
        tensors["projection.weight"] = Tensor::zeros({3, 3});
    });
    const Imported imported = import_file(path);
    EXPECT_EQ(imported.model.tensors.size(), 257U);
    EXPECT_NE(imported.recognised.find("1 others left out"), std::string::npos);
}

TEST(Import, PartialLoadsTheRestAndKeepsTheList) {
    const TemporaryFolder folder;
    Tensor kept;
    const auto path = bare(folder, [&kept](Tensors& tensors) {
        tensors.erase("first_conv.conv.bias");
        tensors["head.weight"] = Tensor::zeros({5, 256});
        kept = tensors.at("first_conv.conv.weight");
    });
    ImportOptions options;
    options.allow_partial = true;
    const Imported imported = import_file(path, options);
    EXPECT_EQ(imported.model.tensors.at("first_conv.conv.weight").data, kept.data);
    EXPECT_EQ(imported.model.tensors.at("first_conv.conv.bias").shape, Shape{32});
    EXPECT_NE(imported.partial.find("first_conv.conv.bias"), std::string::npos);
    EXPECT_NE(imported.partial.find("head.weight"), std::string::npos);
}

TEST(Import, EveryPrecisionBecomesFloat32UnlessItIsToBeKept) {
    const TemporaryFolder folder;
    const auto path = bare(folder, [](Tensors& tensors) {
        tensors["first_conv.conv.bias"] = Tensor::zeros({32}, ElementType::float16);
        tensors["first_bn.bias"] = Tensor::zeros({32}, ElementType::float64);
    });
    const Model model = import_file(path).model;
    EXPECT_EQ(model.tensors.at("first_conv.conv.bias").type, ElementType::float32);
    EXPECT_EQ(model.tensors.at("first_bn.bias").type, ElementType::float32);
    EXPECT_EQ(model.provenance.at("imported_types"), "float16 (1), float32 (224), float64 (1)");
    ImportOptions options;
    options.keep_precision = true;
    const Model half = import_file(path, options).model;
    EXPECT_EQ(half.tensors.at("first_conv.conv.bias").type, ElementType::float16);
    EXPECT_EQ(half.tensors.at("first_bn.bias").type, ElementType::float32);
}

// Who halves every tensor of a state dict halves batch-norm's counters too.
TEST(Import, CountersInAFloatTypeBecomeWholeNumbersAgain) {
    const TemporaryFolder folder;
    const auto counter = [&](std::uint16_t bits) {
        return bare(folder, [bits](Tensors& tensors) {
            Tensor& count = tensors["first_bn.num_batches_tracked"];
            count = Tensor::zeros({}, ElementType::float16);
            std::memcpy(count.data.data(), &bits, sizeof bits);
        });
    };
    const Model model = import_file(counter(0x6400)).model;  // 1024
    const Tensor& count = model.tensors.at("first_bn.num_batches_tracked");
    std::int64_t value = 0;
    ASSERT_EQ(count.type, ElementType::int64);
    std::memcpy(&value, count.data.data(), sizeof value);
    EXPECT_EQ(value, 1024);
    for (const std::uint16_t bits : {0x3800, 0x7C00, 0x7E00}) {  // 0.5, infinity, NaN
        expect_input_error([&] { import_file(counter(bits)); },
                           {"first_bn.num_batches_tracked", "no whole number"});
    }
}

TEST(Import, EcgFoundersOutputsHaveTheirPublishedNames) {
    for (const int leads : {1, 12}) {
        const std::vector<std::string> labels = empty_model("ecgfounder", leads).labels;
        ASSERT_EQ(labels.size(), 150U);
        EXPECT_EQ(labels[0], "ABNORMAL ECG");
        EXPECT_EQ(labels[5], "ATRIAL FIBRILLATION");
        EXPECT_EQ(labels[149], "MULTIFOCAL ATRIAL TACHYCARDIA");
        EXPECT_EQ(std::set<std::string>(labels.begin(), labels.end()).size(), 150U);
    }
    EXPECT_TRUE(empty_model("clef-small").labels.empty());
}

TEST(Import, ChecksTheChecksumOfAPublishedName) {
    const TemporaryFolder folder;
    const auto check = [&](const char* name) {
        std::ofstream(folder.path() / name) << "something else";
        const MappedFile file(folder.path() / name);
        return check_published(file, folder.path() / name);
    };
    expect_input_error(
        [&] { check("clef_small.ckpt"); },
        {"clef_small.ckpt", "de76ebbf1024e5774309c1d12d6970eb", "Zenodo", "damaged"});
    EXPECT_NE(check("1_lead_ECGFounder.pth").find("no checksum"), std::string::npos);
    EXPECT_EQ(check("mine.ckpt"), "");
}

}  // namespace clef
