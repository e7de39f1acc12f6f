// Convolutions on view lanes against slow obvious versions in double, forward and backward, on
// every instruction set of this machine.
#include "training/lane_convolution.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/instruction_sets.hpp"
#include "base/random.hpp"
#include "encoder/net1d.hpp"
#include "training/lane_kernels.hpp"

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

void fill(const LanePlane& plane, Random& random) {
    for (std::size_t c = 0; c < plane.channels; ++c) {
        for (std::size_t i = 0; i < plane.samples * lanes; ++i)
            plane.row(c)[i] = static_cast<float>(random.normal());
    }
}

// Calls work(output channel, input channel, weight index, output time, input time) for every
// product of the definition: SAME padding with zeros, groups one after the other.
template <typename Work>
void each_product(const Layer& layer, const Work& work) {
    const SamePadding padding = same_padding(layer.samples, layer.kernel, layer.stride);
    const std::size_t in_of_group = layer.in / layer.groups;
    const std::size_t out_of_group = layer.out / layer.groups;
    for (std::size_t o = 0; o < layer.out; ++o) {
        for (std::size_t i = 0; i < in_of_group; ++i) {
            for (std::size_t k = 0; k < layer.kernel; ++k) {
                for (std::size_t t = 0; t < padding.output; ++t) {
                    const std::size_t place = t * layer.stride + k;
                    if (place < padding.left || place - padding.left >= layer.samples) continue;
                    work(o, o / out_of_group * in_of_group + i,
                         (o * in_of_group + i) * layer.kernel + k, t, place - padding.left);
                }
            }
        }
    }
}

struct Slow {
    std::vector<double> y, gradient_x, gradient_weight, gradient_bias;
};

Slow slowly(const Layer& layer, const std::vector<float>& weight, const std::vector<float>& bias,
            const LanePlane& x, const LanePlane& gradient) {
    const std::size_t outputs = gradient.samples;
    Slow slow;
    slow.y.assign(layer.out * outputs * lanes, 0);
    slow.gradient_x.assign(layer.in * layer.samples * lanes, 0);
    slow.gradient_weight.assign(weight.size(), 0);
    slow.gradient_bias.assign(layer.out, 0);
    for (std::size_t o = 0; o < layer.out; ++o) {
        for (std::size_t i = 0; i < outputs * lanes; ++i) {
            slow.y[o * outputs * lanes + i] = bias[o];
            slow.gradient_bias[o] += gradient.row(o)[i];
        }
    }
    each_product(
        layer, [&](std::size_t o, std::size_t i, std::size_t w, std::size_t t, std::size_t from) {
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                const double value = x.row(i)[from * lanes + lane];
                const double g = gradient.row(o)[t * lanes + lane];
                slow.y[(o * outputs + t) * lanes + lane] += weight[w] * value;
                slow.gradient_x[(i * layer.samples + from) * lanes + lane] += weight[w] * g;
                slow.gradient_weight[w] += value * g;
            }
        });
    return slow;
}

void expect_near(const LanePlane& found, const std::vector<double>& expected,
                 const std::string& what) {
    for (std::size_t c = 0; c < found.channels; ++c) {
        for (std::size_t i = 0; i < found.samples * lanes; ++i) {
            const double value = expected[c * found.samples * lanes + i];
            ASSERT_NEAR(found.row(c)[i], value, 1e-4 * (1 + std::abs(value))) << what;
        }
    }
}

void expect_near(const std::vector<float>& found, const std::vector<double>& expected,
                 const std::string& what) {
    for (std::size_t i = 0; i < found.size(); ++i)
        ASSERT_NEAR(found[i], expected[i], 2e-4 * (1 + std::abs(expected[i]))) << what << i;
}

void check(const Layer& layer, Random& random) {
    const std::vector<float> weight =
        noise(random, layer.out * (layer.in / layer.groups) * layer.kernel);
    const std::vector<float> bias = noise(random, layer.out);
    LaneConvolution convolution({layer.in, layer.out, layer.groups, layer.kernel, layer.stride});
    convolution.pack(weight.data(), bias.data(), layer.samples);
    const std::size_t outputs = convolution.output_samples();
    LaneBuffer x, y, swished, slopes, gradient, gradient_x;
    fill(x.shape(layer.in, layer.samples, convolution.margin()), random);
    fill(gradient.shape(layer.out, outputs, convolution.margin()), random);
    const Slow slow = slowly(layer, weight, bias, x.plane(), gradient.plane());

    convolution.forward(x.plane(), y.shape(layer.out, outputs));
    expect_near(y.plane(), slow.y, layer.text() + " forward");

    convolution.forward_swish(x.plane(), swished.shape(layer.out, outputs, 3),
                              slopes.shape(layer.out, outputs));
    std::vector<double> value, slope;
    for (const double z : slow.y) {
        const double sigma = 1 / (1 + std::exp(-z));
        value.push_back(z * sigma);
        slope.push_back(sigma + z * sigma * (1 - sigma));
    }
    expect_near(swished.plane(), value, layer.text() + " swish");
    expect_near(slopes.plane(), slope, layer.text() + " slope");

    std::vector<float> of_weight(weight.size(), 1.0F), of_bias(layer.out, 2.0F);  // added to
    convolution.add_weight_gradient(gradient.plane(), x.plane(), of_weight.data(), of_bias.data());
    for (float& v : of_weight) v -= 1.0F;
    for (float& v : of_bias) v -= 2.0F;
    expect_near(of_weight, slow.gradient_weight, layer.text() + " weight gradient ");
    expect_near(of_bias, slow.gradient_bias, layer.text() + " bias gradient ");

    convolution.input_gradient(gradient.plane(), nullptr,
                               gradient_x.shape(layer.in, layer.samples));
    expect_near(gradient_x.plane(), slow.gradient_x, layer.text() + " input gradient");
    LaneBuffer factors;
    fill(factors.shape(layer.in, layer.samples), random);
    convolution.input_gradient(gradient.plane(), &factors.plane(), gradient_x.plane());
    std::vector<double> scaled = slow.gradient_x;
    for (std::size_t i = 0; i < scaled.size(); ++i) scaled[i] *= factors.plane().values[i];
    expect_near(gradient_x.plane(), scaled, layer.text() + " input gradient times slope");
}

TEST(LaneConvolution, AgreesWithTheDefinitionForwardAndBackwardOnEveryInstructionSet) {
    for (const char* set : instruction_sets()) {
        SCOPED_TRACE(set);
        use_instruction_set(set);
        Random random(7, "lane convolution");
        check({1, 32, 1, 16, 2, 100}, random);   // the stem
        check({16, 16, 2, 16, 2, 101}, random);  // grouped, odd length
        check({16, 16, 2, 16, 1, 7}, random);    // shorter than the kernel
        check({20, 13, 1, 1, 1, 33}, random);    // no whole tile of outputs or columns
        check({5, 9, 1, 1, 1, 1}, random);       // a linear layer
        for (int i = 0; i < 12; ++i) {
            const std::size_t groups = 1 + random.below(3);
            check({groups * (1 + random.below(9)), groups * (1 + random.below(11)), groups,
                   1 + random.below(17), 1 + random.below(3), 1 + random.below(120)},
                  random);
        }
    }
    use_instruction_set("");
}

TEST(LaneKernels, PoolingSendsTheGradientToTheFirstOfEqualValues) {
    // Per lane the same: 1 1 | 0 -2 | -1 and a zero behind the end.
    const std::vector<float> values = {1, 1, 0, -2, -1};
    for (const char* set : instruction_sets()) {
        use_instruction_set(set);
        std::vector<float> x, pooled(3 * lanes), gradient(3 * lanes), of_x(5 * lanes, 10.0F);
        for (const float value : values) x.insert(x.end(), lanes, value);
        for (std::size_t t = 0; t < 3; ++t)
            std::fill_n(gradient.begin() + static_cast<long>(t * lanes), lanes,
                        static_cast<float>(t + 1));
        lane_kernels::pool(x.data(), 5, 2, 0, pooled.data(), 3);
        lane_kernels::add_pool_gradient(x.data(), 5, 2, 0, gradient.data(), of_x.data(), 3);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const auto at = [&](const std::vector<float>& v, std::size_t t) {
                return v[t * lanes + lane];
            };
            EXPECT_EQ(at(pooled, 0), 1);
            EXPECT_EQ(at(pooled, 1), 0);
            EXPECT_EQ(at(pooled, 2), 0) << "the padding's zero is larger";
            const std::vector<float> expected = {11, 10, 12, 10, 10};
            for (std::size_t t = 0; t < 5; ++t) EXPECT_EQ(at(of_x, t), expected[t]) << t;
        }
    }
    use_instruction_set("");
}

}  // namespace
}  // namespace clef
