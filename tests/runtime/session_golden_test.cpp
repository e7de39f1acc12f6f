// The forward pass against PyTorch's answers (goldens/net1d.json), on every instruction set that
// this machine has.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <numeric>

#include <nlohmann/json.hpp>

#include "base/instruction_sets.hpp"
#include "procedural.hpp"
#include "runtime/kernels.hpp"
#include "runtime/session.hpp"
#include "shared.hpp"

namespace clef {
namespace {

struct Golden {
    const char* key;
    const char* architecture;
    int leads;
};

class SessionGolden : public ::testing::TestWithParam<Golden> {};

TEST_P(SessionGolden, AgreesWithPyTorchOnEveryInstructionSet) {
    CLEF_REQUIRE_SHARED("goldens/net1d.json");
    std::ifstream file(testing::shared_folder() / "goldens/net1d.json");
    const auto golden = nlohmann::json::parse(file).at(GetParam().key);
    const auto shape = golden.at("shape").get<std::vector<std::size_t>>();
    const auto expected = golden.at("y").get<std::vector<double>>();

    const Model model = testing::procedural_model(GetParam().architecture, GetParam().leads);
    EXPECT_EQ(net1d_parameters(model.shape), golden.at("params").get<std::size_t>());
    const Session session(model);
    const auto input = testing::procedural_input(GetParam().key, shape[1] * shape[2]);

    // The widest encoder runs on the best set only: the scalar one would take a minute.
    auto sets = instruction_sets();
    if (model.shape.base_channels > 64) sets.resize(1);
    for (const char* set : sets) {
        use_instruction_set(set);
        const auto output = session.run(input);
        ASSERT_EQ(output.size(), expected.size());
        EXPECT_LT(testing::relative_error(output, expected), 1e-4) << set;
        RecordProperty(set, std::to_string(testing::relative_error(output, expected)));
    }
    use_instruction_set("");
}

INSTANTIATE_TEST_SUITE_P(Net1d, SessionGolden,
                         ::testing::Values(Golden{"clef-small", "clef-small", 1},
                                           Golden{"clef-small-2500", "clef-small", 1},
                                           Golden{"clef-small-4999", "clef-small", 1},
                                           Golden{"clef-small-12lead", "clef-small", 12},
                                           Golden{"clef-medium", "clef-medium", 1},
                                           Golden{"clef-large", "clef-large", 1},
                                           Golden{"ecgfounder-1lead", "ecgfounder", 1},
                                           Golden{"ecgfounder-12lead", "ecgfounder", 12}),
                         [](const auto& instance) {
                             std::string name = instance.param.key;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace clef
