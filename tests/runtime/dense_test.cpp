// The transformers' kernels against slow obvious versions in double, on every instruction set of
// this machine. Tolerances: of sums of products, 2e-6 of the sum of their magnitudes.
#include "runtime/dense.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>

#include "base/error.hpp"
#include "base/instruction_sets.hpp"
#include "base/random.hpp"

namespace clef {
namespace {

std::vector<float> noise(const char* purpose, std::size_t count, double scale = 1) {
    Random random(7, purpose);
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(scale * random.normal());
    return values;
}

void on_every_instruction_set(const std::function<void()>& test) {
    for (const char* set : instruction_sets()) {
        SCOPED_TRACE(set);
        use_instruction_set(set);
        test();
    }
    use_instruction_set("");
}

std::vector<double> slow_softmax(const std::vector<double>& x) {
    const double highest = *std::max_element(x.begin(), x.end());
    std::vector<double> y;
    double sum = 0;
    for (const double value : x) sum += y.emplace_back(std::exp(value - highest));
    for (double& value : y) value /= sum;
    return y;
}

}  // namespace

TEST(Dense, MultipliesLikeTheDefinition) {
    struct Size {
        std::size_t rows, in, out;
    };
    for (const Size size : {Size{1, 1, 1}, Size{5, 75, 33}, Size{6, 64, 32}, Size{7, 8, 31},
                            Size{13, 200, 96}, Size{12, 3, 100}}) {
        SCOPED_TRACE(fmt::format("{} × {} → {}", size.rows, size.in, size.out));
        const std::size_t stride = size.in + 3;  // rows lie apart, and so do the results
        const std::size_t out_stride = size.out + 5;
        const auto x = noise("x", size.rows * stride);
        const auto weight = noise("weight", size.out * size.in);
        const auto bias = noise("bias", size.out);
        const auto packed = kernels::pack_linear(weight.data(), bias.data(), size.out, size.in);
        on_every_instruction_set([&] {
            std::vector<float> y(size.rows * out_stride, -77.0F);
            kernels::multiply(packed, x.data(), stride, size.rows, y.data(), out_stride);
            for (std::size_t r = 0; r < size.rows; ++r) {
                for (std::size_t o = 0; o < size.out; ++o) {
                    double sum = bias[o];
                    double magnitude = std::abs(bias[o]);
                    for (std::size_t i = 0; i < size.in; ++i) {
                        const double product = double{x[r * stride + i]} * weight[o * size.in + i];
                        sum += product;
                        magnitude += std::abs(product);
                    }
                    ASSERT_NEAR(y[r * out_stride + o], sum, 2e-6 * magnitude) << r << " " << o;
                }
                for (std::size_t o = size.out; o < out_stride; ++o) {
                    ASSERT_EQ(y[r * out_stride + o], -77.0F) << "written beyond the row";
                }
            }
        });
    }
}

TEST(Dense, ARowsResultDoesNotDependOnItsCompany) {
    const auto x = noise("x", 13 * 40);
    const auto weight = noise("weight", 50 * 40);
    const auto packed = kernels::pack_linear(weight.data(), nullptr, 50, 40);
    std::vector<float> together(13 * 50);
    kernels::multiply(packed, x.data(), 40, 13, together.data(), 50);
    for (std::size_t r = 0; r < 13; ++r) {
        std::vector<float> alone(50);
        kernels::multiply(packed, x.data() + r * 40, 40, 1, alone.data(), 50);
        EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                               together.begin() + static_cast<std::ptrdiff_t>(r * 50)));
    }
}

TEST(Dense, PacksRowsAndColumnsOfTheSameMatrixAlike) {
    const auto source = noise("source", 9 * 40);
    std::vector<float> transposed(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) transposed[i % 40 * 9 + i / 40] = source[i];
    kernels::PackedMatrix rows = kernels::pack_linear(source.data(), source.data(), 9, 40);
    kernels::PackedMatrix columns;
    kernels::pack_rows(rows, source.data(), 40, 9, 40);  // used before, with a bias
    kernels::pack_columns(columns, transposed.data(), 9, 9, 40);
    EXPECT_EQ(rows.values, columns.values);
    EXPECT_EQ(rows.bias, columns.bias);
}

TEST(Dense, LayerNormIsMeanZeroAndDeviationOneBeforeItsWeights) {
    const std::vector<float> x = {1, 2, 3, 6, 5, 5, 5, 5};
    const std::vector<float> weight = {1, 1, 2, 1};
    const std::vector<float> bias = {0, 10, 0, 0};
    std::vector<float> y(8);
    kernels::layer_norm(x.data(), 2, 4, weight.data(), bias.data(), 1e-5, y.data());
    const double scale = 1 / std::sqrt(3.5 + 1e-5);
    EXPECT_NEAR(y[0], -2 * scale, 1e-6);
    EXPECT_NEAR(y[1], 10 - 1 * scale, 1e-6);
    EXPECT_EQ(y[2], 0);
    EXPECT_NEAR(y[3], 3 * scale, 1e-6);
    EXPECT_EQ(std::vector<float>(y.begin() + 4, y.end()), (std::vector<float>{0, 10, 0, 0}))
        << "a row of equal numbers has no variance, only ε";
    kernels::layer_norm(x.data(), 2, 4, weight.data(), bias.data(), 1e-5, y.data());
    auto in_place = x;
    kernels::layer_norm(in_place.data(), 2, 4, weight.data(), bias.data(), 1e-5, in_place.data());
    EXPECT_EQ(in_place, y);
}

TEST(Dense, GeluIsThatOfTheErrorFunction) {
    std::vector<float> x;
    for (double value = -12; value <= 12; value += 0.0137) x.push_back(static_cast<float>(value));
    for (const float value : {0.0F, -100.0F, 100.0F, 3e38F, -3e38F}) x.push_back(value);
    on_every_instruction_set([&] {
        auto y = x;
        kernels::gelu(y.data(), y.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double exact = 0.5 * x[i] * std::erfc(-x[i] / std::sqrt(2.0));
            // The formula's 1.5e-7 times x/2, and float32's rounding of the result.
            ASSERT_NEAR(y[i], exact,
                        1e-7 * std::min(10.0, std::abs(double{x[i]})) + 2e-7 * std::abs(exact))
                << x[i];
        }
    });
}

TEST(Dense, SoftmaxSumsToOneWhateverTheLengthAndTheOffset) {
    for (const std::size_t count : {1U, 2U, 15U, 16U, 17U, 32U, 100U, 384U}) {
        for (const float offset : {0.0F, -500.0F, 500.0F}) {
            auto x = noise("softmax", count, 4);
            for (float& value : x) value += offset;
            const auto expected = slow_softmax({x.begin(), x.end()});
            on_every_instruction_set([&] {
                auto y = x;
                kernels::softmax(y.data(), y.size());
                for (std::size_t i = 0; i < count; ++i) ASSERT_NEAR(y[i], expected[i], 1e-6);
            });
        }
    }
    std::vector<float> hidden(20, -std::numeric_limits<float>::infinity());
    hidden[3] = -2;
    kernels::softmax(hidden.data(), hidden.size());
    for (std::size_t i = 0; i < hidden.size(); ++i) EXPECT_EQ(hidden[i], i == 3 ? 1 : 0);
}

TEST(Dense, AttendsLikeTheDefinition) {
    constexpr std::size_t tokens = 21;
    constexpr std::size_t width = 10;
    constexpr std::size_t stride = 40;  // q, k, v side by side, as a linear layer leaves them
    const auto qkv = noise("qkv", tokens * stride);
    auto bias = noise("attention bias", tokens * tokens);
    for (std::size_t row = 0; row < tokens; ++row) {  // the last token is hidden from all
        bias[row * tokens + tokens - 1] = -std::numeric_limits<float>::infinity();
    }
    const kernels::Head head = {qkv.data(), qkv.data() + 13, qkv.data() + 26,
                                stride,     tokens,          width};
    const auto at = [&](std::size_t part, std::size_t token, std::size_t i) {
        return double{qkv[token * stride + part * 13 + i]};
    };
    kernels::AttentionScratch scratch;
    on_every_instruction_set([&] {
        std::vector<float> output(tokens * width);
        kernels::attend(head, 0.3F, bias.data(), output.data(), width, scratch);
        for (std::size_t t = 0; t < tokens; ++t) {
            std::vector<double> scores(tokens);
            for (std::size_t other = 0; other < tokens; ++other) {
                for (std::size_t i = 0; i < width; ++i) {
                    scores[other] += 0.3F * at(0, t, i) * at(1, other, i);
                }
                scores[other] += bias[t * tokens + other];
            }
            const auto weights = slow_softmax(scores);
            for (std::size_t i = 0; i < width; ++i) {
                double sum = 0;
                for (std::size_t o = 0; o < tokens; ++o) sum += weights[o] * at(2, o, i);
                ASSERT_NEAR(output[t * width + i], sum, 1e-5);
            }
        }
    });
}

}  // namespace clef
