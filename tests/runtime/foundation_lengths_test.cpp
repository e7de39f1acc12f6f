// ECGFounder, KED, ST-MEM and Moirai against PyTorch in double precision (tests/data/runtime/
// foundation): several lengths, fewer leads, missing samples where the model knows them, five
// windows at once, a constant signal.
#include <algorithm>
#include <array>
#include <fstream>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "encoder/moirai.hpp"
#include "procedural.hpp"
#include "runtime/network.hpp"
#include "runtime/session.hpp"

namespace clef {
namespace {

using nlohmann::json;

const json& goldens() {
    static const json list = [] {
        std::ifstream file(std::string(CLEF_TEST_DATA) + "/runtime/foundation/goldens.json");
        return json::parse(file);
    }();
    return list;
}

// "ecgfounder-12", "moirai-32": the number is the leads', the patch's.
Model model_of(const std::string& network) {
    const std::size_t dash = network.rfind('-');
    const std::string number = network.substr(dash + 1);
    Model model;
    if (network.starts_with("moirai-")) {
        model = empty_model("moirai-1.1-r-base", 12);
        MoiraiShape shape = parse_moirai(model.config);
        shape.patch = std::stoi(number);
        model.config = moirai_json(shape);
    } else if (network.starts_with("ecgfounder-")) {
        model = empty_model("ecgfounder", std::stoi(number));
    } else {
        model = empty_model(network, 12);
    }
    for (const TensorSpec& spec : model_tensors(model)) {
        model.tensors[spec.name] = testing::procedural_tensor(spec);
    }
    return model;
}

struct Input {
    std::vector<float> samples;
    std::vector<std::uint8_t> observed;
    std::vector<std::size_t> channels;
    std::size_t length;
};

Input input_of(const std::string& key) {
    const json& golden = goldens().at(key);
    Input input;
    input.length = golden.at("samples").get<std::size_t>();
    input.channels = golden.at("leads").get<std::vector<std::size_t>>();
    input.samples = testing::procedural_input(key, input.channels.size() * input.length);
    const float scale = golden.value("scale", 1.0F);
    const float offset = golden.value("offset", 0.0F);
    for (float& value : input.samples) value = scale * value + offset;
    if (!golden.contains("missing")) return input;
    const auto missing = golden.at("missing").get<std::array<std::size_t, 2>>();
    for (std::size_t i = 0; i < input.samples.size(); ++i) {
        const std::size_t at = i % input.length;
        input.observed.push_back(at >= missing[0] && at < missing[1] ? 0 : 1);
    }
    return input;
}

// Of every fourth number, as the file has them.
double error_of(std::span<const float> output, const std::string& key) {
    std::vector<float> some;
    for (std::size_t i = 0; i < output.size(); i += 4) some.push_back(output[i]);
    return testing::relative_error(some, goldens().at(key).at("y").get<std::vector<double>>());
}

class FoundationLengths : public ::testing::TestWithParam<const char*> {};

}  // namespace

TEST_P(FoundationLengths, AgreeWithPyTorch) {
    Model model = model_of(GetParam());
    Weights weights(model.tensors);
    const auto network = make_network(model, weights);
    std::size_t cases = 0;
    for (const auto& [key, golden] : goldens().items()) {
        if (golden.at("network") != GetParam()) continue;
        ++cases;
        const Input input = input_of(key);
        const auto output =
            network->run({input.samples, input.length, input.channels, input.observed});
        const double error = error_of(output, key);
        EXPECT_LT(error, 2e-5) << key;
        RecordProperty(key, fmt::format("{:.2e}", error));
    }
    EXPECT_GT(cases, 0U);
}

INSTANTIATE_TEST_SUITE_P(Foundation, FoundationLengths,
                         ::testing::Values("ecgfounder-1", "ecgfounder-12", "ked", "st-mem",
                                           "moirai-8", "moirai-32", "moirai-128"),
                         [](const auto& instance) {
                             std::string name = instance.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(FoundationBatch, FiveWindowsAtOnceAgreeWithPyTorch) {
    for (const char* name : {"ecgfounder-1", "ked"}) {
        const Session session(model_of(name));
        const std::string prefix = name;
        std::vector<std::vector<float>> windows;
        for (int i = 0; i < 5; ++i) {
            windows.push_back(input_of(fmt::format("{}-batch-{}", prefix, i)).samples);
        }
        const auto together = session.run(windows, 2);
        for (std::size_t i = 0; i < 5; ++i) {
            const auto row =
                std::span(together).subspan(i * session.output_size(), session.output_size());
            EXPECT_LT(error_of(row, fmt::format("{}-batch-{}", prefix, i)), 2e-5) << name << i;
        }
    }
}

}  // namespace clef
