#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "evaluation/probe.hpp"
#include "evaluation/report/probe_section.hpp"
#include "evaluation/results_json.hpp"
#include "shared.hpp"

namespace clef {
namespace {

struct Example {
    EvaluationRows rows;
    Task task;
    Targets targets;
    TaskResult probe;
    TaskResult mean;
};

Example make_example(TaskKind kind) {
    Random random(12, "results");
    Example example;
    example.task.name = "made-up";
    example.task.title = "Made <up>";
    example.task.kind = example.targets.kind = kind;
    example.task.metric = kind == TaskKind::regression ? "mae" : "macro-auroc";
    example.task.unit = kind == TaskKind::regression ? "years" : "";
    if (kind != TaskKind::regression) {
        example.task.classes = {{"A", "first"}, {"B", "second"}};
        example.targets.classes = 2;
    }
    FloatMatrix embeddings(200, 3);
    for (std::size_t i = 0; i < 200; ++i) {
        for (float& value : embeddings.row(i)) value = static_cast<float>(random.normal());
        example.rows.records.push_back(fmt::format("record, {}", i));
        example.rows.patients.push_back(fmt::format("p{}", i));
        example.rows.splits.push_back(i % 4 < 2 ? "train" : i % 4 == 2 ? "val" : "test");
        example.targets.known.push_back(1);
        example.targets.values.push_back(embeddings.at(i, 0) + 0.3 * random.normal());
        for (std::size_t k = 0; k < 2; ++k) {
            example.targets.indicators.push_back(embeddings.at(i, k) + random.normal() > 0);
        }
    }
    example.targets.known[3] = 0;  // a test row without an answer
    example.targets.values[3] = std::nan("");
    ProbeOptions options;
    options.scoring.bootstrap.resamples = 200;
    example.probe = linear_probe(embeddings, example.rows, example.task, example.targets, options);
    example.probe.model = "encoder";
    example.probe.task = example.task;
    example.mean = mean_baseline(example.rows, example.task, example.targets, options.scoring);
    return example;
}

TEST(Results, JsonHoldsWhatTheSchemaSays) {
    const Example example = make_example(TaskKind::multi_label);
    const auto document = nlohmann::json::parse(result_json(example.probe).dump());
    EXPECT_EQ(document["schema"], "clef.evaluation");
    EXPECT_EQ(document["version"], 1);
    EXPECT_EQ(document["rows"]["test"], 49);
    EXPECT_EQ(document["candidates"].size(), 16U);
    EXPECT_TRUE(document["settings"]["alpha"].is_null());
    const auto& macro = document["metrics"]["macro-auroc"];
    EXPECT_EQ(macro["value"].get<double>(), *example.probe.scores.metric("macro-auroc").value);
    EXPECT_LT(macro["low"].get<double>(), macro["high"].get<double>());
    EXPECT_EQ(macro["classes"], 2);
    EXPECT_EQ(document["classes"][1]["code"], "B");
    EXPECT_EQ(document["bootstrap"]["resamples"], 200);
    const auto mean = result_json(make_example(TaskKind::regression).mean);
    EXPECT_TRUE(mean["settings"].is_null());
    EXPECT_TRUE(mean["metrics"]["pearson"]["value"].is_null());
    EXPECT_FALSE(mean["metrics"]["mae"].contains("classes"));
}

CsvTable predictions_of(const Example& example, const TaskResult& result) {
    const testing::TemporaryFolder folder;
    AtomicFile file(folder.path() / "predictions.csv");
    file.write(prediction_header());
    write_predictions(result, example.rows, example.targets, file);
    file.commit();
    return read_csv(folder.path() / "predictions.csv");
}

TEST(Results, PredictionsReadBackExactly) {
    const Example example = make_example(TaskKind::multi_label);
    const CsvTable table = predictions_of(example, example.probe);
    EXPECT_EQ(table.columns,
              (std::vector<std::string>{"record", "label", "score", "split", "truth", "patient_id",
                                        "task", "model", "protocol", "seed"}));
    ASSERT_EQ(table.rows.size(), 2 * 99U);  // 50 validation and 49 answered test rows
    EXPECT_EQ(table.rows[1],
              (std::vector<std::string>{"record, 2", "B", table.rows[1][2], "val",
                                        example.targets.indicators[5] != 0 ? "1" : "0", "p2",
                                        "made-up", "encoder", "probe", "0"}));
    EXPECT_EQ(parse_double(table.rows[1][2]), example.probe.predictions.at(2, 1));
    const Example regression = make_example(TaskKind::regression);
    const CsvTable values = predictions_of(regression, regression.probe);
    ASSERT_EQ(values.rows.size(), 99U);
    EXPECT_EQ(parse_double(values.rows[0][4]), regression.targets.values[2]);
}

TEST(Results, TheSectionShowsEveryModelEveryClassAndWhatWasLeftOut) {
    const Example example = make_example(TaskKind::multi_label);
    ProbeSection section{{&example.probe, &example.mean}, true, 1};
    const std::string html = probe_section(section);
    for (const char* text :
         {"encoder, probe", "mean predictor", "first (A)", "second (B)", "macro-AUROC", "Holm",
          "49 test recordings", "0 of 200 resamples could not be scored", "Made &lt;up&gt;"}) {
        EXPECT_NE(html.find(text), std::string::npos) << text;
    }
    EXPECT_NE(html.find(metric_with_interval(example.probe.scores.metric("macro-auroc"))),
              std::string::npos);
    const Example regression = make_example(TaskKind::regression);
    const std::string other = probe_section({{&regression.probe, &regression.mean}, true, 1});
    EXPECT_NE(other.find("MAE (years)"), std::string::npos);
    EXPECT_EQ(other.find("Each class"), std::string::npos);
    EXPECT_EQ(p_value_text(0.0004), "< 0.001");
}

}  // namespace
}  // namespace clef
