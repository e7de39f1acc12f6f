// Layers on rows of channels against the definition of a convolution in double, with the same
// rounded weights and inputs, on every instruction set of this machine, with and without its dot
// products.
#include "runtime/row_convolution.hpp"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <string>

#include "base/error.hpp"
#include "base/instruction_sets.hpp"
#include "base/random.hpp"
#include "encoder/net1d.hpp"
#include "formats/expect_input_error.hpp"
#include "runtime/row_passes.hpp"

namespace clef {
namespace {

using rows::Rows;

struct Shape {
    std::size_t in, out, groups, kernel, stride, samples;

    std::size_t inputs() const { return in / groups; }
    SamePadding padding() const { return same_padding(samples, kernel, stride); }
    std::string text() const {
        return fmt::format("in {} out {} groups {} kernel {} stride {} samples {}", in, out, groups,
                           kernel, stride, samples);
    }
};

struct Layer {
    Shape shape;
    std::vector<float> weight;  // (out, in ÷ groups, kernel)
    std::vector<float> bias;
    Rows<float> input;
};

Layer random_layer(const Shape& shape, std::uint64_t sample) {
    Random random(3, "layer", 0, sample);
    Layer layer{shape, {}, {}, {}};
    layer.weight.resize(shape.out * shape.inputs() * shape.kernel);
    layer.bias.resize(shape.out);
    for (float& value : layer.weight) value = static_cast<float>(random.normal());
    for (float& value : layer.bias) value = static_cast<float>(random.normal());
    const SamePadding padding = shape.padding();
    layer.input.resize(shape.samples, shape.in, padding.left, padding.right);
    for (std::size_t t = 0; t < shape.samples; ++t) {
        for (std::size_t c = 0; c < shape.in; ++c) {
            layer.input.row(t)[c] = static_cast<float>(random.normal());
        }
    }
    return layer;
}

double bfloat16(float value) {
    return std::bit_cast<float>(std::uint32_t{rows::to_bfloat16(value)} << 16);
}

// As precision.hpp and row_passes.hpp have it, one number after the other.
struct ByteScale {
    float factor;
    float zero;
    float scale;

    static ByteScale of(const std::vector<float>& set) {
        float low = 0;
        float high = 0;
        for (const float x : set) low = std::min(low, x), high = std::max(high, x);
        const float range = high == low ? 1 : high - low;
        const float factor = 255 / range;
        return {factor, std::nearbyint(-low * factor), range / 255};
    }
    double round(float x) const {
        const float byte = std::min(255.0F, std::nearbyint(x * factor) + zero);
        return (double{byte} - zero) * scale;
    }
};

// Weights as the precision has them.
std::vector<double> rounded_weights(const Layer& layer, Precision precision) {
    std::vector<double> result(layer.weight.begin(), layer.weight.end());
    const std::size_t row = layer.shape.inputs() * layer.shape.kernel;
    for (std::size_t o = 0; o < layer.shape.out; ++o) {
        float largest = 0;
        for (std::size_t i = 0; i < row; ++i)
            largest = std::max(largest, std::abs(layer.weight[o * row + i]));
        for (std::size_t i = o * row; i < (o + 1) * row; ++i) {
            if (precision == Precision::bfloat16) result[i] = bfloat16(layer.weight[i]);
            if (precision == Precision::int8) {
                const float scale = largest / 127;
                result[i] = std::nearbyint(layer.weight[i] / scale) * double{scale};
            }
        }
    }
    return result;
}

// samples × in.
std::vector<double> rounded_inputs(const Layer& layer, Precision precision) {
    const Shape& shape = layer.shape;
    std::vector<double> result(shape.samples * shape.in);
    const auto each = [&](auto value) {
        for (std::size_t t = 0; t < shape.samples; ++t) {
            for (std::size_t c = 0; c < shape.in; ++c) result[t * shape.in + c] = value(t, c);
        }
    };
    if (precision == Precision::float32) {
        each([&](std::size_t t, std::size_t c) { return double{layer.input.row(t)[c]}; });
    } else if (precision == Precision::bfloat16) {
        each([&](std::size_t t, std::size_t c) { return bfloat16(layer.input.row(t)[c]); });
    } else {
        std::vector<ByteScale> scales;
        const bool per_instant = shape.kernel == 1;
        for (std::size_t s = 0; s < (per_instant ? shape.samples : shape.groups); ++s) {
            std::vector<float> set;
            for (std::size_t t = 0; t < shape.samples; ++t) {
                for (std::size_t c = 0; c < shape.in; ++c) {
                    if ((per_instant ? t : c / shape.inputs()) == s)
                        set.push_back(layer.input.row(t)[c]);
                }
            }
            scales.push_back(ByteScale::of(set));
        }
        each([&](std::size_t t, std::size_t c) {
            return scales[per_instant ? t : c / shape.inputs()].round(layer.input.row(t)[c]);
        });
    }
    return result;
}

struct Expected {
    double value;
    double magnitude;  // Σ |weight · input|, what rounding errors are in proportion to
};

// outputs × out, straight from the definition.
std::vector<Expected> slow(const Layer& layer, Precision precision) {
    const Shape& shape = layer.shape;
    const auto weights = rounded_weights(layer, precision);
    const auto inputs = rounded_inputs(layer, precision);
    const SamePadding padding = shape.padding();
    std::vector<Expected> result;
    for (std::size_t t = 0; t < padding.output; ++t) {
        for (std::size_t o = 0; o < shape.out; ++o) {
            Expected sum{layer.bias[o], std::abs(layer.bias[o])};
            const std::size_t first = o / (shape.out / shape.groups) * shape.inputs();
            for (std::size_t k = 0; k < shape.kernel; ++k) {
                const std::size_t at = t * shape.stride + k;
                if (at < padding.left || at - padding.left >= shape.samples) continue;
                for (std::size_t i = 0; i < shape.inputs(); ++i) {
                    const double product = weights[(o * shape.inputs() + i) * shape.kernel + k] *
                                           inputs[(at - padding.left) * shape.in + first + i];
                    sum.value += product;
                    sum.magnitude += std::abs(product);
                }
            }
            result.push_back(sum);
        }
    }
    return result;
}

// The layer's inputs in its precision, and the call on them.
struct Prepared {
    rows::RowLayer packed;
    Rows<std::uint16_t> halves;
    Rows<std::uint8_t> bytes;
    std::vector<float> scales;
    std::vector<std::int32_t> zeros;
    rows::Convolution job;

    Prepared(const Layer& layer, Precision precision)
        : packed(rows::pack_rows(layer.weight.data(), layer.bias.data(), layer.shape.out,
                                 layer.shape.in, layer.shape.groups, layer.shape.kernel,
                                 layer.shape.stride, precision)) {
        const Shape& shape = layer.shape;
        const SamePadding padding = shape.padding();
        job.layer = &packed;
        job.inputs = shape.samples;
        job.left = padding.left;
        job.outputs = padding.output;
        job.input = layer.input.values.data();
        job.input_stride = layer.input.stride;
        if (precision == Precision::bfloat16) {
            halves.resize(shape.samples, shape.in, padding.left, padding.right);
            for (std::size_t t = 0; t < shape.samples; ++t)
                rows::round_rows(layer.input.row(t), halves.row(t), shape.in);
            job.input = halves.values.data();
            job.input_stride = halves.stride;
        }
        if (precision != Precision::int8) return;
        scales.resize(std::max(shape.samples, shape.groups));
        zeros.resize(scales.size());
        if (shape.kernel == 1) {
            rows::rows_to_bytes(layer.input, bytes, scales.data(), zeros.data());
        } else {
            rows::Lines<float> scratch;
            bytes.resize(shape.samples, shape.in, padding.left, padding.right);
            rows::groups_to_bytes(layer.input, shape.groups, bytes, padding.right, scales.data(),
                                  zeros.data(), scratch);
        }
        job.input = bytes.values.data();
        job.input_stride = bytes.stride;
        job.bytes = {scales.data(), zeros.data()};
    }
};

constexpr float untouched = -12345;

Rows<float> empty_output(const Shape& shape) {
    Rows<float> output;
    output.resize(shape.padding().output, shape.out);
    std::fill(output.values.begin(), output.values.end(), untouched);
    return output;
}

void expect_agreement(const Shape& shape, Precision precision, std::uint64_t sample) {
    const Layer layer = random_layer(shape, sample);
    const auto expected = slow(layer, precision);
    Prepared prepared(layer, precision);
    Rows<float> output = empty_output(shape);
    prepared.job.finish.plain = output.row(0);
    prepared.job.finish.plain_stride = output.stride;
    rows::convolve_rows(prepared.job);
    const std::string what =
        fmt::format("{} {}, sample {}", shape.text(), precision_name(precision), sample);
    // Float32 sums of n products in any order: at most n · 2^-24 of their magnitudes, in practice
    // far less. AVX-512's product of bfloat16 pairs is as good.
    for (std::size_t t = 0; t < output.instants; ++t) {
        for (std::size_t o = 0; o < shape.out; ++o) {
            const Expected& right = expected[t * shape.out + o];
            ASSERT_NEAR(output.row(t)[o], right.value, 2e-6 * right.magnitude + 1e-6)
                << what << " at " << t << ", " << o;
        }
        for (std::size_t o = shape.out; o < output.stride; ++o)
            ASSERT_EQ(output.row(t)[o], untouched) << what << ": written behind the row";
    }
}

Shape random_shape(std::uint64_t sample) {
    Random random(1, "row shapes", 0, sample);
    Shape shape{};
    shape.groups = 1 + random.below(6);
    shape.in = shape.groups * (1 + random.below(21));
    shape.out = shape.groups * (1 + random.below(40));
    shape.kernel = random.below(3) == 0 ? 1 : 1 + random.below(17);
    shape.stride = shape.kernel == 1 ? 1 : 1 + random.below(4);
    shape.samples = 1 + random.below(70);
    if (sample % 4 == 0) {  // groups of four, as in CLEF-small
        shape.groups = 4 * (1 + random.below(5));
        shape.in = shape.out = 4 * shape.groups;
        shape.kernel = sample % 8 == 0 ? 16 : 1 + random.below(20);
        shape.stride = 1 + random.below(3);
    }
    return shape;
}

struct Way {
    const char* set;
    Precision precision;
    bool dot;
};

std::vector<Way> ways() {
    std::vector<Way> list;
    const char* best = instruction_sets().front();
    for (const char* set : instruction_sets()) {
        for (const auto precision : {Precision::float32, Precision::bfloat16, Precision::int8}) {
            if (set == best && rows::has_dot_products(precision))
                list.push_back({set, precision, true});
            list.push_back({set, precision, false});
        }
    }
    return list;
}

class RowConvolution : public ::testing::TestWithParam<Way> {
  protected:
    void SetUp() override {
        use_instruction_set(GetParam().set);
        rows::use_dot_products(GetParam().dot);
    }
    void TearDown() override {
        use_instruction_set("");
        rows::use_dot_products(true);
    }
    Precision precision() const { return GetParam().precision; }
};

TEST_P(RowConvolution, AgreesWithTheDefinitionOnRandomShapes) {
    for (std::uint64_t sample = 0; sample < 120; ++sample)
        expect_agreement(random_shape(sample), precision(), sample);
}

TEST_P(RowConvolution, AgreesOnLongRowsAndOnWeightsThatNoCacheHolds) {
    expect_agreement(
        {
            3,
            5,
            1,
            7,
            3,
            20'011,
        },
        precision(), 1);
    expect_agreement({1, 32, 1, 16, 2, 9'999}, precision(), 2);
    expect_agreement({16, 16, 4, 16, 1, 5'003}, precision(), 3);
    expect_agreement({640, 1024, 1, 1, 1, 3}, precision(), 4);   // 2.6 MB of float32
    expect_agreement({512, 1040, 1, 16, 2, 4}, precision(), 5);  // 34 MB
    expect_agreement({1536, 1536, 32, 16, 2, 5}, precision(), 6);
}

TEST_P(RowConvolution, FinishesAsAsked) {
    const Shape shape{24, 40, 1, 1, 1, 29};
    const Layer layer = random_layer(shape, 9);
    const auto expected = slow(layer, precision());
    Prepared prepared(layer, precision());
    Random random(4, "gates");
    std::vector<float> gates(shape.out + 16);
    for (float& gate : gates) gate = static_cast<float>(random.uniform(0, 1));
    Rows<float> shortcut = empty_output(shape);
    for (float& value : shortcut.values) value = static_cast<float>(random.normal());
    Rows<float> plain = empty_output(shape);
    Rows<float> activated = empty_output(shape);
    Rows<std::uint16_t> rounded;
    rounded.resize(shape.samples, shape.out);
    std::vector<float> sums(shape.out + 16);
    std::vector<float> rests(shape.out + 16);
    auto& finish = prepared.job.finish;
    finish.plain = plain.row(0);
    finish.plain_stride = plain.stride;
    finish.activated = activated.row(0);
    finish.activated_stride = activated.stride;
    finish.gates = gates.data();
    finish.shortcut = shortcut.row(0);
    finish.shortcut_stride = shortcut.stride;
    finish.column_sums = sums.data();
    finish.column_rests = rests.data();
    rows::convolve_rows(prepared.job);
    finish.activated = rounded.row(0);
    finish.activated_stride = rounded.stride;
    finish.rounded = true;
    finish.swish = false;
    finish.plain = nullptr;
    finish.column_sums = nullptr;
    rows::convolve_rows(prepared.job);
    for (std::size_t o = 0; o < shape.out; ++o) {
        double sum = 0;
        for (std::size_t t = 0; t < shape.samples; ++t) {
            const double y = expected[t * shape.out + o].value * gates[o] + shortcut.row(t)[o];
            sum += y;
            ASSERT_NEAR(plain.row(t)[o], y, 1e-4);
            ASSERT_NEAR(activated.row(t)[o], y / (1 + std::exp(-y)), 1e-4);
            ASSERT_EQ(rounded.row(t)[o], rows::to_bfloat16(plain.row(t)[o]));
        }
        ASSERT_NEAR(double{sums[o]} + rests[o], sum, 1e-3);
    }
}

TEST_P(RowConvolution, AnOutputsBitsDoNotDependOnItsPlace) {
    const Shape shape{48, 64, 4, 16, 1, 101};
    const Layer layer = random_layer(shape, 10);
    const auto run = [&](std::size_t outputs) {
        Prepared prepared(layer, precision());
        Rows<float> output = empty_output(shape);
        prepared.job.outputs = outputs;
        prepared.job.finish.plain = output.row(0);
        prepared.job.finish.plain_stride = output.stride;
        rows::convolve_rows(prepared.job);
        return output;
    };
    const Rows<float> all = run(101);
    for (const std::size_t outputs : {1U, 2U, 7U, 13U, 100U}) {
        const Rows<float> some = run(outputs);
        for (std::size_t t = 0; t < outputs; ++t) {
            ASSERT_TRUE(std::equal(some.row(t), some.row(t) + shape.out, all.row(t)))
                << outputs << " at " << t;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, RowConvolution, ::testing::ValuesIn(ways()),
                         [](const auto& instance) {
                             return fmt::format("{}_{}{}", instance.param.set,
                                                precision_name(instance.param.precision),
                                                instance.param.dot ? "_dot" : "");
                         });

TEST(RowLayer, RefusesMoreByteProductsThan32BitsHold) {
    const std::vector<float> weight(40'000, 1.0F);
    const float bias = 0;
    testing::expect_input_error(
        [&] { rows::pack_rows(weight.data(), &bias, 1, 40'000, 1, 1, 1, Precision::int8); },
        {"40000 products", "bfloat16"});
}

TEST(RowLayer, RoundsToTheNearestBfloat16) {
    EXPECT_EQ(rows::to_bfloat16(1.0F), 0x3F80);
    EXPECT_EQ(rows::to_bfloat16(std::bit_cast<float>(0x3F808000U)), 0x3F80);  // a tie: to even
    EXPECT_EQ(rows::to_bfloat16(std::bit_cast<float>(0x3F818000U)), 0x3F82);
    EXPECT_EQ(rows::to_bfloat16(std::bit_cast<float>(0x3F808001U)), 0x3F81);
    EXPECT_EQ(rows::to_bfloat16(std::bit_cast<float>(0x7F7FFFFFU)), 0x7F80);  // infinite
    EXPECT_EQ(rows::to_bfloat16(std::bit_cast<float>(0x7FFFFFFFU)) & 0x7FC0, 0x7FC0);
}

}  // namespace
}  // namespace clef
