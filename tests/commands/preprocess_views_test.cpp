// clef preprocess --augment: a pair of views without training anything.
#include "commands/workshop.hpp"

namespace clef::testing {

namespace {

std::vector<float> views(const std::filesystem::path& output, Words more) {
    Words words = {"preprocess", Workshop::get().record().string(),
                   "--recipe",   "clef",
                   "--augment",  "paper",
                   "-o",         output.string()};
    words.insert(words.end(), more.begin(), more.end());
    expect_done(run(words));
    const NpyArray array = read_npy(output);
    EXPECT_EQ(array.shape, (std::vector<std::size_t>{2, 5000}));
    return array.values;
}

TEST(PreprocessViews, WithEveryAugmentationOffAViewIsWhatTheEncoderSees) {
    const Folder folder;
    const auto found =
        views(folder.path() / "views.npy",
              {"--set", "views.noise_probability=0", "--set", "views.mask_probability=0", "--set",
               "views.first_lead=II", "--set", "views.second_lead=same"});
    const std::string seen = (folder.path() / "seen.npy").string();
    expect_done(run({"preprocess", Workshop::get().record().string(), "--recipe", "clef", "--lead",
                     "II", "-o", seen}));
    const std::vector<float> expected = read_npy(seen).values;
    EXPECT_EQ(std::vector<float>(found.begin(), found.begin() + 5000), expected);
    EXPECT_EQ(std::vector<float>(found.begin() + 5000, found.end()), expected);
}

TEST(PreprocessViews, DrawsAreRepeatableAndDiffer) {
    const Folder folder;
    const auto output = folder.path() / "views.npy";
    const auto first = views(output, {"--draw", "0"});
    EXPECT_EQ(views(output, {}), first);
    EXPECT_NE(views(output, {"--draw", "1"}), first);
    EXPECT_NE(views(output, {"--set", "run.seed=2"}), first);
}

TEST(PreprocessViews, MistakesAreNamed) {
    const std::string record = Workshop::get().record().string();
    const Folder folder;
    const std::string output = (folder.path() / "x.npy").string();
    const auto refused = [&](Words words, const Words& says) {
        words.insert(words.begin(), {"preprocess", record, "--recipe", "clef", "-o", output});
        expect_refusal(run(words), says);
    };
    refused({"--augment", "papre"}, {"papre", "paper"});
    refused({"--augment", "paper", "--set", "views.noise_probabilty=1"},
            {"views.noise_probability"});
    refused({"--set", "views.noise_probability=1"}, {"--augment"});
    refused({"--augment", "paper", "--lead", "I"}, {"views.first_lead"});
    refused({"--augment", "paper", "--window", "7"}, {"window 7"});
    EXPECT_FALSE(std::filesystem::exists(output));
}

}  // namespace

}  // namespace clef::testing
