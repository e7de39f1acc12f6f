// What is kept for one encoder at a time is that encoder's, whichever was asked for before.
#include "commands/cohort_inputs.hpp"

#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "commands/evaluation_run.hpp"
#include "families.hpp"
#include "shared.hpp"

namespace clef {

namespace {

// Ten seconds each at 100 Hz, of the leads that the small encoders take.
Cohort recordings(const std::filesystem::path& folder) {
    Cohort cohort;
    cohort.folder = folder;
    for (int record = 0; record < 3; ++record) {
        std::string text = "I,II,V1\n";
        for (int i = 0; i < 1000; ++i) {
            const double beat = std::sin(0.07 * i * (record + 1));
            text += fmt::format("{:.4f},{:.4f},{:.4f}\n", beat, beat * beat, std::cos(0.4 * i));
        }
        CohortRow row;
        row.record = row.patient_id = fmt::format("{}.csv", record);
        write_file(folder / row.record, text);
        cohort.rows.push_back(row);
    }
    return cohort;
}

EmbedOptions hundred_hertz() {
    EmbedOptions options;
    options.reading.sampling_rate = 100;
    options.reading.units = "mV";
    return options;
}

TEST(CohortInputs, WhatIsKeptIsTheEncodersOwn) {
    const testing::TemporaryFolder folder;
    const Cohort cohort = recordings(folder.path());
    std::vector<Contender> contenders;
    for (const std::string& family : testing::tiny_families()) {
        contenders.push_back({family, testing::tiny_model(family)});
    }
    contenders.push_back({"moirai", testing::tiny_model("moirai")});  // another's weights
    draw_weights(contenders.back().model, 3);
    CohortInputs inputs(cohort, {}, hundred_hertz());
    for (int pass = 0; pass < 2; ++pass) {
        for (const Contender& one : contenders) {
            const Session session(one.model);
            const Preprocessor preprocessor(one.model.recipe);
            const TimeSteps expected =
                collect_time_steps(cohort, session, preprocessor, hundred_hertz());
            const TimeSteps& steps = inputs.time_steps(one);
            EXPECT_EQ(steps.dimensions, session.step_size()) << one.name;
            EXPECT_EQ(steps.values, expected.values) << one.name;
            EXPECT_EQ(inputs.windows(one.model.recipe).values,
                      collect_windows(cohort, preprocessor, hundred_hertz()).values)
                << one.name;
            EmbedOptions options = hundred_hertz();
            options.mean = true;
            EXPECT_EQ(inputs.embeddings(one).values,
                      embed_cohort(cohort, session, preprocessor, options).values)
                << one.name;
        }
    }
}

// One set of random encoders for all that differ in their weights alone.
TEST(AddBaselines, DrawsEachKindOfEncoderOnce) {
    EvaluationPlan plan;
    plan.protocols = {"finetune", "scratch", "random"};
    plan.random_seeds = 2;
    const Model first = testing::tiny_model("moirai");
    Model weights = first;
    draw_weights(weights, 3);
    Model shape = empty_model("moirai-1.1-r-small", 12);
    shape.recipe = first.recipe;
    Model recipe = first;
    recipe.recipe.window_seconds = 5;
    for (const Model& model : {first, weights, shape, recipe}) {
        plan.contenders.push_back({"encoder", model});
    }
    plan.tasks.resize(1);
    add_baselines(plan);
    ASSERT_EQ(plan.contenders.size(), 4 + 3 * 2U);
    const std::vector<std::size_t> like = {0, 2, 3};
    for (std::size_t i = 0; i < 6; ++i) {
        const Contender& drawn = plan.contenders[4 + i];
        EXPECT_TRUE(drawn.random);
        EXPECT_EQ(drawn.seed, i % 2 + 1);
        const Model& given = plan.contenders[like[i / 2]].model;
        EXPECT_EQ(model_config(drawn.model), model_config(given));
        EXPECT_EQ(drawn.model.recipe, given.recipe);
        check_tensors(drawn.model, "drawn");
    }
    std::vector<std::size_t> scratch;
    for (const EvaluationUnit& unit : units_of(plan)) {
        if (unit.protocol == "scratch") scratch.push_back(unit.contender);
    }
    EXPECT_EQ(scratch, like);
}

}  // namespace

}  // namespace clef
