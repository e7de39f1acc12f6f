#include "pretraining/options.hpp"

#include <functional>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "pretraining/option_table.hpp"

namespace clef {
namespace {

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

TEST(PretrainOptions, EveryPresetReads) {
    EXPECT_GE(preset_names().size(), 4U);
    for (const std::string& name : preset_names()) EXPECT_NO_THROW(read_options(name)) << name;
}

TEST(PretrainOptions, EveryKeyAndPresetIsDocumented) {
    const std::string page = read_text_file(std::string(CLEF_SOURCE) + "/docs/pretraining.md");
    PretrainOptions options;
    for (const OptionField& field : option_fields(options)) {
        EXPECT_NE(page.find(fmt::format("| `{}` |", field.name())), std::string::npos)
            << field.name();
    }
    for (const std::string& name : preset_names()) {
        EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
    }
}

TEST(PretrainOptions, ListsOfTextsTakeOneOrSeveral) {
    const auto files = [](const char* setting) {
        return read_options("paper", {setting}).views.augmentation.noise_files;
    };
    EXPECT_EQ(files("views.noise_files=[\"a.mat\", \"b c.mat\"]"),
              (std::vector<std::string>{"a.mat", "b c.mat"}));
    EXPECT_EQ(files("views.noise_files=/some/a.mat"), (std::vector<std::string>{"/some/a.mat"}));
    EXPECT_TRUE(files("views.noise_files=[]").empty());
    EXPECT_THROW(files("views.noise_files=[1]"), InputError);
    EXPECT_THROW(files("views.noise_files=3"), InputError);
    PretrainOptions again;
    apply_toml(again, options_toml(read_options("paper", {"views.noise_files=[\"a.mat\", \"b\"]"})),
               "c");
    EXPECT_EQ(again.views.augmentation.noise_files, (std::vector<std::string>{"a.mat", "b"}));
}

TEST(PretrainOptions, ThePaperPresetIsTheArticles) {
    const PretrainOptions options = read_options("paper");
    EXPECT_EQ(options.objective.form, "paper");
    EXPECT_DOUBLE_EQ(options.objective.temperature, 0.07);
    EXPECT_DOUBLE_EQ(options.schedule.peak, 1e-4);
    EXPECT_DOUBLE_EQ(options.weight_decay, 5e-4);
    EXPECT_EQ(options.batch, 64);
    EXPECT_FALSE(options.beats.on());
}

TEST(PretrainOptions, WrittenOutTheyReadBackTheSame) {
    PretrainOptions options =
        read_options("quick", {"run.seed=7", "model.initial_model=\"a \\\"b\\\".x\""});
    PretrainOptions again;
    apply_toml(again, options_toml(options), "config.toml");
    EXPECT_EQ(options_toml(again), options_toml(options));
    EXPECT_EQ(again.seed, 7U);
    EXPECT_EQ(again.initial_model, "a \"b\".x");
}

TEST(PretrainOptions, SettingsTakeBareWordsNumbersAndSwitches) {
    const PretrainOptions options =
        read_options("paper", {"objective.name=infonce", "optimiser.learning_rate=3e-4",
                               "objective.missing_mask=false", "run.batch=16"});
    EXPECT_EQ(options.objective.name, "infonce");
    EXPECT_DOUBLE_EQ(options.schedule.peak, 3e-4);
    EXPECT_FALSE(options.objective.missing_mask);
    EXPECT_EQ(options.batch, 16);
}

TEST(PretrainOptions, MistakesNameThePlaceAndTheRightKey) {
    PretrainOptions options;
    EXPECT_EQ(message_of([&] { apply_toml(options, "[run]\nbatsh = 3\n", "my.toml"); }),
              "my.toml: line 2: unknown key 'run.batsh'. Did you mean 'run.batch'?");
    EXPECT_NE(message_of([&] {
                  apply_toml(options, "[run]\nbatch = \"many\"\n", "my.toml");
              }).find("my.toml: line 2: run.batch takes a whole number"),
              std::string::npos);
    EXPECT_NE(message_of([&] { apply_toml(options, "[run\n", "my.toml"); }).find("my.toml: line 1"),
              std::string::npos);
    EXPECT_NE(message_of([&] { apply_setting(options, "run.seed"); }).find("section.key=value"),
              std::string::npos);
    EXPECT_NE(
        message_of([&] { apply_setting(options, "objective.temperature=0"); }).find("above 0"),
        std::string::npos);
    EXPECT_NE(message_of([&] { read_options("papre"); }).find("paper"), std::string::npos);
}

}  // namespace
}  // namespace clef
