// The kernels against slow obvious versions in double, on every instruction set of this machine.
#include "runtime/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <string>

#include "base/error.hpp"
#include "base/instruction_sets.hpp"
#include "base/random.hpp"
#include "encoder/net1d.hpp"

namespace clef {
namespace {

struct Layer {
    std::size_t in, out, groups, kernel, stride, samples;

    std::string text() const {
        return fmt::format("in {} out {} groups {} kernel {} stride {} samples {}", in, out, groups,
                           kernel, stride, samples);
    }
};

std::vector<float> noise(Random& random, std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(random.normal());
    return values;
}

// Straight from the definition: SAME padding with zeros, groups one after the other.
std::vector<double> slow_convolution(const Layer& layer, const std::vector<float>& weight,
                                     const std::vector<float>& bias, const std::vector<float>& x) {
    const std::size_t outputs = (layer.samples + layer.stride - 1) / layer.stride;
    const auto needed = static_cast<long>((outputs - 1) * layer.stride + layer.kernel);
    const long left = std::max(0L, needed - static_cast<long>(layer.samples)) / 2;
    const std::size_t in_of_group = layer.in / layer.groups;
    const std::size_t out_of_group = layer.out / layer.groups;
    std::vector<double> y;
    for (std::size_t o = 0; o < layer.out; ++o) {
        for (std::size_t t = 0; t < outputs; ++t) {
            double sum = bias[o];
            for (std::size_t i = 0; i < in_of_group; ++i) {
                const std::size_t channel = o / out_of_group * in_of_group + i;
                for (std::size_t k = 0; k < layer.kernel; ++k) {
                    const long at = static_cast<long>(t * layer.stride + k) - left;
                    if (at < 0 || at >= static_cast<long>(layer.samples)) continue;
                    sum += double{weight[(o * in_of_group + i) * layer.kernel + k]} *
                           x[channel * layer.samples + static_cast<std::size_t>(at)];
                }
            }
            y.push_back(sum);
        }
    }
    return y;
}

// Rows as the kernels want them; what lies behind the samples is filled with `filler`.
std::vector<float> padded_rows(const std::vector<float>& x, std::size_t samples, float filler) {
    const std::size_t stride = kernels::padded_row(samples);
    std::vector<float> rows(x.size() / samples * stride, filler);
    for (std::size_t i = 0; i < x.size(); ++i) rows[i / samples * stride + i % samples] = x[i];
    return rows;
}

// Runs the kernels on the same; padding of the input holds numbers that may not show.
std::vector<float> fast_convolution(const Layer& layer, const std::vector<float>& weight,
                                    const std::vector<float>& bias, const std::vector<float>& x) {
    const auto packed = kernels::pack(weight.data(), bias.data(), layer.out, layer.in, layer.groups,
                                      layer.kernel, layer.stride);
    const auto input = padded_rows(x, layer.samples, 1e6F);
    const std::size_t stride = kernels::padded_row(layer.samples);
    const std::size_t outputs = same_padding(layer.samples, layer.kernel, layer.stride).output;
    const std::size_t output_stride = kernels::padded_row(outputs);
    std::vector<float> output(layer.out * output_stride, -1e6F);
    if (layer.kernel == 1 && layer.stride == 1) {
        kernels::convolve(packed, input.data(), stride, output.data(), outputs, output_stride);
    } else {
        const std::size_t row = kernels::phase_stride(packed, outputs);
        std::vector<float> phases(layer.in * layer.stride * row, 1e6F);
        kernels::split_phases(packed, input.data(), layer.samples, stride, phases.data(), outputs);
        kernels::convolve(packed, phases.data(), row, output.data(), outputs, output_stride);
    }
    std::vector<float> y;
    for (std::size_t o = 0; o < layer.out; ++o) {
        const float* row = output.data() + o * output_stride;
        y.insert(y.end(), row, row + outputs);
    }
    return y;
}

Layer random_layer(Random& random) {
    Layer layer{};
    layer.groups = 1 + random.below(4);
    layer.in = layer.groups * (1 + random.below(5));
    layer.out = layer.groups * (1 + random.below(9));
    layer.kernel = 1 + random.below(17);
    layer.stride = 1 + random.below(4);
    layer.samples = 1 + random.below(150);
    return layer;
}

class Kernels : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { use_instruction_set(GetParam()); }
    void TearDown() override { use_instruction_set(""); }
};

}  // namespace

TEST_P(Kernels, ConvolutionsAgreeWithTheDefinition) {
    double worst = 0;
    for (std::uint64_t sample = 0; sample < 150; ++sample) {
        Random random(1, "kernel shapes", 0, sample);
        const Layer layer = random_layer(random);
        const std::size_t taps = layer.in / layer.groups * layer.kernel;
        const auto weight = noise(random, layer.out * taps);
        const auto bias = noise(random, layer.out);
        const auto x = noise(random, layer.in * layer.samples);
        const auto expected = slow_convolution(layer, weight, bias, x);
        const auto found = fast_convolution(layer, weight, bias, x);
        ASSERT_EQ(found.size(), expected.size()) << layer.text();
        // At most 85 products of standard normals: their sum's rounding stays far below 1e-4.
        for (std::size_t i = 0; i < expected.size(); ++i) {
            worst = std::max(worst, std::abs(found[i] - expected[i]));
            ASSERT_NEAR(found[i], expected[i], 1e-4) << layer.text() << " at " << i;
        }
    }
    RecordProperty("largest_difference", std::to_string(worst));
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Kernels, ::testing::ValuesIn(instruction_sets()),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(KernelMean, IsThatOfItsSamplesAlone) {
    const std::vector<float> x = {1, 2, 6, 1e9F};
    EXPECT_EQ(kernels::mean(x.data(), 3), 3.0F);
    // A float32 sum of these would be lost after 2^24.
    std::vector<float> many(20'000'000, 1.0F);
    EXPECT_EQ(kernels::mean(many.data(), many.size()), 1.0F);
}

}  // namespace clef
