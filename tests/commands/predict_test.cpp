// clef predict: numbers under their labels' names, and what it cannot do.
#include "base/csv.hpp"
#include "base/text.hpp"
#include "commands/workshop.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;

fs::path labelled_model(const fs::path& folder) {
    write_model(random_model("ecgfounder", 1, 3), folder / "labelled.safetensors");
    return folder / "labelled.safetensors";
}

TEST(Predict, NamesEveryLabelOfAModelThatHasThem) {
    const TemporaryFolder folder;
    const fs::path model = labelled_model(folder.path());
    const Outcome outcome =
        run({"predict", Workshop::get().record().string(), "--model", model.string()});
    expect_done(outcome);
    const CsvTable table = parse_csv(outcome.out, "standard output");
    const auto labels = read_model(model).labels;
    ASSERT_EQ(table.rows.size(), labels.size());
    for (std::size_t k = 0; k < labels.size(); ++k) {
        EXPECT_EQ(table.rows[k][1], labels[k]);
        const auto score = parse_double(table.rows[k][2]);
        ASSERT_TRUE(score);
        EXPECT_GT(*score, 0);
        EXPECT_LT(*score, 1);
    }
    const Outcome json =
        run({"predict", Workshop::get().record().string(), "--model", model.string(), "--json"});
    expect_done(json);
    const auto document = nlohmann::json::parse(json.out);
    EXPECT_EQ(document.at("predictions")[0].at("scores").size(), labels.size());
}

TEST(Predict, AnEncoderWithoutLabelsIsRefusedAndToldWhatToDo) {
    const Outcome outcome = run({"predict", Workshop::get().record().string(), "--model",
                                 Workshop::get().model().string()});
    expect_refusal(outcome, {"model.safetensors", "without labelled outputs", "--save-heads"});
}

TEST(Predict, BadRecordingsStopItUnlessTheyAreToBeSkipped) {
    const TemporaryFolder folder;
    const fs::path model = labelled_model(folder.path());
    const fs::path bad = folder.path() / "bad.csv";
    write_file(bad, "record\nnothing-here\n" + Workshop::get().record().string() + "\n");
    expect_refusal(run({"predict", bad.string(), "--model", model.string()}), {"nothing-here"});
    const Outcome skipped = run({"predict", bad.string(), "--model", model.string(), "--skip-bad"});
    expect_done(skipped);
    expect_words(skipped.err, {"skipped", "nothing-here"});
    EXPECT_EQ(parse_csv(skipped.out, "output").rows.size(), read_model(model).labels.size());
}

}  // namespace

}  // namespace clef::testing
