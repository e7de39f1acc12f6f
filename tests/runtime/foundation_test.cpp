// KED and ST-MEM: against PyTorch's answers (goldens/baselines.json), and what they do with fewer
// leads, other lengths and other windows beside them.
#include <array>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/instruction_sets.hpp"
#include "encoder/model.hpp"
#include "formats/expect_input_error.hpp"
#include "procedural.hpp"
#include "runtime/session.hpp"
#include "shared.hpp"

namespace clef {
namespace {

Session procedural_session(const char* architecture) {
    Model model = empty_model(architecture, 12);
    for (const TensorSpec& spec : model_tensors(model)) {
        model.tensors[spec.name] = testing::procedural_tensor(spec);
    }
    return Session(std::move(model));
}

// One of each for all tests: ST-MEM's weights are 340 MB.
const Session& ked() {
    static const Session session = procedural_session("ked");
    return session;
}

const Session& st_mem() {
    static const Session session = procedural_session("st-mem");
    return session;
}

void expect_golden(const Session& session, const char* key, std::span<const std::size_t> channels,
                   const std::vector<const char*>& sets) {
    std::ifstream file(testing::shared_folder() / "goldens/baselines.json");
    const auto golden = nlohmann::json::parse(file).at(key);
    const auto shape = golden.at("shape").get<std::vector<std::size_t>>();
    const auto input = testing::procedural_input(key, shape[1] * shape[2]);
    const auto expected = golden.at("y").get<std::vector<double>>();
    for (const char* set : sets) {
        use_instruction_set(set);
        const double error = testing::relative_error(session.run(input, channels), expected);
        EXPECT_LT(error, 1e-4) << set;
        ::testing::Test::RecordProperty(set, fmt::format("{:.2e}", error));
    }
    use_instruction_set("");
}

constexpr std::array<std::size_t, 1> lead_i = {0};

}  // namespace

TEST(Ked, AgreesWithPyTorchOnEveryInstructionSet) {
    CLEF_REQUIRE_SHARED("goldens/baselines.json");
    expect_golden(ked(), "ked-12lead", {}, instruction_sets());
}

// The scalar set would take a minute; a single lead runs on all of them.
TEST(StMem, AgreesWithPyTorchOnTwelveLeads) {
    CLEF_REQUIRE_SHARED("goldens/baselines.json");
    expect_golden(st_mem(), "st-mem-12lead", {}, {instruction_sets().front()});
}

TEST(StMem, AgreesWithPyTorchOnOneLeadOnEveryInstructionSet) {
    CLEF_REQUIRE_SHARED("goldens/baselines.json");
    expect_golden(st_mem(), "st-mem-1lead", lead_i, instruction_sets());
}

}  // namespace clef
