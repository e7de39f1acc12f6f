// clef model: import, info, verify, and the commands that take a checkpoint as it is.
#include <fstream>

#include "base/digest.hpp"
#include "commands/workshop.hpp"
#include "encoder/safetensors.hpp"
#include "formats/npy.hpp"
#include "procedural.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

using Json = nlohmann::json;

std::string text_of(const std::filesystem::path& path) {
    return path.string();
}

std::filesystem::path golden_checkpoint(const char* name) {
    return shared_folder() / "goldens/checkpoints" / name;
}

}  // namespace

TEST(ModelImport, MakesAModelFileOfALightningCheckpointAndSaysWhatItFound) {
    CLEF_REQUIRE_SHARED("goldens/checkpoints");
    const Folder folder;
    const std::string output = text_of(folder.path() / "m.safetensors");
    const Outcome outcome = run(
        {"model", "import", text_of(golden_checkpoint("clef_small_lightning.ckpt")), "-o", output});
    expect_done(outcome);
    expect_words(outcome.out, {"clef-small with 1 lead, 447792 parameters", "500 Hz"});
    expect_words(outcome.err, {"under 'state_dict'", "prefix 'backbone.'", "257 tensors"});
    const Model model = read_model(output);
    const Model expected = procedural_model("clef-small");
    for (const auto& [name, tensor] : expected.tensors) {
        EXPECT_EQ(model.tensors.at(name).data, tensor.data) << name;
    }
}

TEST(ModelImport, ALegacyPickleGivesTheSameModel) {
    CLEF_REQUIRE_SHARED("goldens/checkpoints");
    const Folder folder;
    const std::string output = text_of(folder.path() / "m.safetensors");
    const Outcome outcome =
        run({"model", "import", text_of(golden_checkpoint("clef_small_legacy.pth")), "-o", output,
             "--json"});
    expect_done(outcome);
    const Json result = Json::parse(outcome.out);
    EXPECT_EQ(result.at("architecture"), "clef-small");
    EXPECT_EQ(result.at("tensors"), 257);
    expect_done(run({"model", "info", output}));
}

// The whole way: an imported file's embeddings of real leads are those that PyTorch computes.
TEST(ModelImport, EmbedsRealRecordingsAsPyTorchDoesWithoutBeingImportedFirst) {
    CLEF_REQUIRE_SHARED("goldens/embeddings_ptbxl.json");
    CLEF_REQUIRE_SHARED("goldens/checkpoints");
    CLEF_REQUIRE_SHARED("data/ptbxl/records500/00000/00001_hr.hea");
    const Folder folder;
    std::ifstream file(shared_folder() / "goldens/embeddings_ptbxl.json");
    const Json golden = Json::parse(file);
    const std::string record = text_of(shared_folder() / "data/ptbxl/records500/00000/00001_hr");
    for (const char* name : {"clef_small_lightning.ckpt", "clef_small_legacy.pth"}) {
        for (const char* lead : {"I", "II"}) {
            const std::string output = text_of(folder.path() / "out.npy");
            expect_done(run({"embed", record, "--model", text_of(golden_checkpoint(name)), "--lead",
                             lead, "-o", output}));
            const NpyArray array = read_npy(output);
            const auto expected =
                golden.at(std::string("clef-small/00001/") + lead).get<std::vector<double>>();
            EXPECT_LT(relative_error(array.values, expected), 1e-3) << name << " " << lead;
        }
    }
}

TEST(Checkpoint, InfoAndPreprocessTakeItAsItIs) {
    CLEF_REQUIRE_SHARED("goldens/checkpoints");
    const Folder folder;
    const std::string checkpoint = text_of(golden_checkpoint("clef_small_lightning.ckpt"));
    const Outcome info = run({"info", checkpoint, "--json"});
    expect_done(info);
    EXPECT_EQ(Json::parse(info.out).at("architecture"), "clef-small");
    const auto window = [&](const Words& recipe) {
        const std::string output = text_of(folder.path() / "w.npy");
        Words words = {"preprocess", Workshop::get().record().string(), "-o", output};
        words.insert(words.end(), recipe.begin(), recipe.end());
        expect_done(run(words));
        return read_npy(output).values;
    };
    EXPECT_EQ(window({"--model", checkpoint}), window({"--recipe", "clef"}));
}

TEST(ModelImport, RefusesWithoutLeavingAFile) {
    const Folder folder;
    const std::string output = text_of(folder.path() / "m.safetensors");
    const std::filesystem::path checkpoints = std::filesystem::path(CLEF_TEST_DATA) / "checkpoints";
    expect_refusal(run({"model", "import", text_of(checkpoints / "bare.pth"), "-o", output}),
                   {"bare.pth", "encoder that is not known", "conv.bias (4)"});
    std::ofstream(folder.path() / "evil.pth") << "cos\nsystem\n(S'touch owned'\ntR.";
    expect_refusal(run({"model", "import", text_of(folder.path() / "evil.pth"), "-o", output}),
                   {"os.system", "nothing was run"});
    std::ofstream(folder.path() / "clef_small.ckpt") << "PK";
    expect_refusal(
        run({"model", "import", text_of(folder.path() / "clef_small.ckpt"), "-o", output}),
        {"MD5", "de76ebbf1024e5774309c1d12d6970eb"});
    expect_refusal(run({"model", "import", text_of(folder.path() / "absent"), "-o", output}),
                   {"absent", "cannot open"});
    EXPECT_FALSE(std::filesystem::exists(output));
}

// config.json's numbers as momentfm and uni2ts write them (nulls included).
TEST(ModelImport, TakesAFolderOfHuggingFacesAndComparesItsConfiguration) {
    const Folder folder;
    const auto inside = folder.path() / "MOMENT-1-small";
    std::filesystem::create_directory(inside);
    const std::string output = text_of(folder.path() / "m.safetensors");
    const Words import = {"model", "import", text_of(inside), "-o", output};
    expect_refusal(run(import), {text_of(inside), "model.safetensors"});
    const Model model = random_model("moment-1-small", 12, 1);
    write_safetensors({}, model.tensors, inside / "model.safetensors");
    expect_done(run(import));
    Json config = {
        {"patch_len", 8},
        {"d_model", nullptr},
        {"seq_len", 512},
        {"t5_config",
         {{"d_model", 512}, {"num_layers", 8}, {"relative_attention_max_distance", 128}}}};
    write_file(inside / "config.json", config.dump());
    const Outcome taken = run(import);
    expect_done(taken);
    expect_words(taken.err, {"config.json: 4 numbers agree with moment-1-small's"});
    EXPECT_EQ(read_model(output).architecture, "moment-1-small");
    std::filesystem::remove(output);
    config["t5_config"]["relative_attention_max_distance"] = 256;
    write_file(inside / "config.json", config.dump());
    expect_refusal(run(import), {"config.json", "t5_config/relative_attention_max_distance is 256",
                                 "moment-1-small", "128"});
    write_file(inside / "config.json", "[8");
    expect_refusal(run(import), {"config.json"});
    EXPECT_FALSE(std::filesystem::exists(output));
}

TEST(ModelImport, TakesLabelsAndCountsThem) {
    const Folder folder;
    const std::string input = text_of(folder.path() / "e.safetensors");
    const std::string output = text_of(folder.path() / "m.safetensors");
    write_safetensors({}, random_model("ecgfounder", 12, 1).tensors, input);
    std::ofstream(folder.path() / "few.txt") << "one\ntwo\n";
    expect_refusal(run({"model", "import", input, "-o", output, "--labels",
                        text_of(folder.path() / "few.txt")}),
                   {"2 names", "expected 150"});
    std::ofstream labels(folder.path() / "all.txt");
    for (int i = 0; i < 150; ++i) labels << "label " << i << "\n";
    labels.close();
    expect_done(run(
        {"model", "import", input, "-o", output, "--labels", text_of(folder.path() / "all.txt")}));
    const Outcome info = run({"model", "info", output, "--json"});
    expect_done(info);
    EXPECT_EQ(Json::parse(info.out).at("labels").at(149), "label 149");
    expect_words(run({"model", "info", input, "--json"}).out, {"\"WOLFF-PARKINSON-WHITE\""});
    EXPECT_EQ(Json::parse(info.out).at("recipe").at("name"), "ecgfounder");
}

TEST(ModelInfo, PrintsTheDigestOfEveryTensorOnRequest) {
    const Folder folder;
    const std::string path = text_of(folder.path() / "m.safetensors");
    const Model model = random_model("clef-small", 1, 1);
    write_model(model, path);
    const Outcome outcome = run({"model", "info", path, "--sha256", "--json"});
    expect_done(outcome);
    const Json info = Json::parse(outcome.out);
    EXPECT_EQ(info.at("parameters"), 447792);
    EXPECT_EQ(info.at("multiply_adds_per_window"), 29198336);
    EXPECT_EQ(info.at("sha256").size(), 257U);
    const std::string name = "first_conv.conv.bias";
    EXPECT_EQ(info.at("sha256").at(name), sha256(model.tensors.at(name).data));
    expect_words(run({"model", "info", path, "--sha256"}).out,
                 {sha256(model.tensors.at(name).data) + "  " + name});
}

TEST(ModelVerify, NoticesDamageInAFile) {
    const Folder folder;
    const std::string path = text_of(folder.path() / "m.safetensors");
    Model model = random_model("clef-small", 1, 1);
    model.tensors.at("first_conv.conv.bias").floats()[3] = std::nanf("");
    write_model(model, path, {.digests = true});
    const Outcome outcome = run({"model", "verify", path, "--json"});
    EXPECT_EQ(outcome.code, 1);
    Json result = Json::parse(outcome.out);
    EXPECT_EQ(result.at("file").at("troubles"),
              Json::array({"first_conv.conv.bias: 1 values are not finite"}));
    // The program itself is right on this machine, for every encoder.
    for (const Json& golden : result.at("goldens")) EXPECT_TRUE(golden.at("good")) << golden;
    EXPECT_EQ(result.at("goldens").size(), 8U);
}

TEST(ModelVerify, ComparesRecordedDigests) {
    const Folder folder;
    const std::string path = text_of(folder.path() / "m.safetensors");
    write_model(random_model("clef-small", 1, 1), path, {.digests = true});
    std::string bytes = read_text_file(path);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);  // the lowest bits of the last tensor
    std::ofstream(path, std::ios::binary) << bytes;
    const Outcome outcome = run({"model", "verify", path, "--json"});
    EXPECT_EQ(outcome.code, 1);
    const std::string troubles = Json::parse(outcome.out).at("file").at("troubles").dump();
    expect_words(troubles, {"stage_list.5.block_list.1.se_fc2.weight", "differ"});
}

}  // namespace clef::testing
