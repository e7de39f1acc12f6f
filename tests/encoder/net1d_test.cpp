// The architectures against the tensor lists of the published weights.
#include "encoder/net1d.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "encoder/model.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;

namespace {

struct Published {
    const char* file;
    const char* architecture;
    int leads;
    std::size_t parameters;
};

class TensorLists : public ::testing::TestWithParam<Published> {};

// "name<TAB>32,1,16" a line; nothing behind the tab for a single number.
std::vector<std::pair<std::string, Shape>> read_list(const std::filesystem::path& path) {
    std::vector<std::pair<std::string, Shape>> list;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const auto fields = split(line, '\t');
        Shape shape;
        if (!fields.at(1).empty()) {
            for (const auto size : split(fields[1], ',')) shape.push_back(*parse_integer(size));
        }
        list.emplace_back(fields[0], shape);
    }
    return list;
}

}  // namespace

TEST_P(TensorLists, AreThoseOfThePublishedWeights) {
    const auto file = std::string("facts/tensor-names/") + GetParam().file + ".tsv";
    CLEF_REQUIRE_SHARED(file);
    std::map<std::string, Shape> published;
    for (const auto& [name, shape] : read_list(testing::shared_folder() / file)) {
        published[name] = shape;
    }
    const Net1dShape shape = architecture_shape(GetParam().architecture, GetParam().leads);
    std::map<std::string, Shape> ours;
    for (const TensorSpec& spec : net1d_tensors(shape)) {
        EXPECT_TRUE(ours.emplace(spec.name, spec.shape).second) << spec.name << " appears twice";
        EXPECT_EQ(spec.type == ElementType::int64, spec.name.ends_with("num_batches_tracked"));
    }
    ASSERT_GT(published.size(), 200U);
    EXPECT_EQ(ours, published);
}

TEST_P(TensorLists, HaveThePublishedNumberOfParameters) {
    const Net1dShape shape = architecture_shape(GetParam().architecture, GetParam().leads);
    EXPECT_EQ(net1d_parameters(shape), GetParam().parameters);
}

INSTANTIATE_TEST_SUITE_P(
    Net1d, TensorLists,
    ::testing::Values(Published{"clef_small", "clef-small", 1, 447'792},
                      Published{"clef_medium", "clef-medium", 1, 30'654'000},
                      Published{"clef_large", "clef-large", 1, 296'623'360},
                      // Eleven more leads: 11 × 16 × 64 weights more in the stem.
                      Published{"ecgfounder_1lead", "ecgfounder", 1, 30'807'750},
                      Published{"ecgfounder_12lead", "ecgfounder", 12, 30'819'014}),
    [](const auto& instance) { return std::string(instance.param.file); });

TEST(Net1d, CountsTheMultiplyAddsOfClefSmall) {
    // 28.99 million in the convolutions, for ten seconds at 500 Hz (facts/libtorch.md); the two
    // linear layers of squeeze-excitation have out × out ÷ 2 weights each.
    const Net1dShape shape = architecture_shape("clef-small");
    std::uint64_t excitation = 0;
    for (const Net1dBlock& block : net1d_blocks(shape)) {
        excitation += static_cast<std::uint64_t>(block.out_channels * block.out_channels);
    }
    EXPECT_NEAR(static_cast<double>(net1d_multiply_adds(shape, 5000) - excitation), 28.99e6,
                0.005e6);
}

TEST(Net1d, EmbeddingSizesAreThoseOfThePaper) {
    EXPECT_EQ(architecture_shape("clef-small").output_size(), 256);
    EXPECT_EQ(architecture_shape("clef-medium").output_size(), 1024);
    EXPECT_EQ(architecture_shape("clef-large").output_size(), 2048);
    EXPECT_EQ(architecture_shape("ecgfounder", 12).output_size(), 150);
}

TEST(Net1d, AnUnknownArchitectureGetsASuggestion) {
    expect_input_error([] { architecture_shape("clef-smal"); }, {"clef-smal", "'clef-small'"});
}

// Slides the kernel over the padded row and counts: every output must find its kernel's samples,
// and no less padding would do.
TEST(SamePadding, GivesEveryOutputAFullKernelAndNoMore) {
    for (std::size_t n = 1; n <= 40; ++n) {
        for (std::size_t kernel = 1; kernel <= 17; ++kernel) {
            for (std::size_t stride = 1; stride <= 5; ++stride) {
                const SamePadding padding = same_padding(n, kernel, stride);
                std::size_t outputs = 0;  // one per stride begun inside the input
                for (std::size_t begin = 0; begin < n; begin += stride) ++outputs;
                ASSERT_EQ(padding.output, outputs) << n << " " << kernel << " " << stride;
                const std::size_t row = padding.left + n + padding.right;
                const std::size_t reach = (outputs - 1) * stride + kernel;
                ASSERT_GE(row, reach);
                if (padding.left + padding.right > 0) {
                    ASSERT_EQ(row, reach);
                }
                ASSERT_LE(padding.left, padding.right);
                ASSERT_LE(padding.right - padding.left, 1U);
            }
        }
    }
}

TEST(CheckShape, NamesWhatMakesNoNetwork) {
    const auto refuse = [](const auto& change, const std::string& word) {
        Net1dShape shape = architecture_shape("clef-small");
        check_shape(shape);
        change(shape);
        expect_input_error([&] { check_shape(shape); }, {word});
    };
    refuse([](auto& s) { s.base_channels = 0; }, "base_channels");
    refuse([](auto& s) { s.input_leads = -1; }, "input_leads");
    refuse([](auto& s) { s.kernel = 1 << 20; }, "kernel");
    refuse([](auto& s) { s.stage_blocks.pop_back(); }, "stage_blocks");
    refuse([](auto& s) { s.stage_channels.clear(); }, "stages");
    refuse([](auto& s) { s.group_width = 7; }, "groups do not divide");
    refuse([](auto& s) { s.stage_channels.back() = 64; }, "cannot narrow");
    refuse([](auto& s) { s.ratio = 0; }, "ratio");
}

}  // namespace clef
