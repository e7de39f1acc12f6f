// What happens between the layers, against slow obvious versions, on every instruction set.
#include "runtime/row_passes.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <string>

#include "base/instruction_sets.hpp"
#include "base/random.hpp"
#include "runtime/row_layer.hpp"

namespace clef {
namespace {

using rows::Rows;

Rows<float> noise(std::size_t instants, std::size_t channels, std::uint64_t sample) {
    Random random(5, "passes", 0, sample);
    Rows<float> result;
    result.resize(instants, channels);
    for (float& value : result.values) value = static_cast<float>(random.normal());
    return result;
}

class RowPasses : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { use_instruction_set(GetParam()); }
    void TearDown() override { use_instruction_set(""); }
};

TEST_P(RowPasses, GatesTheResidual) {
    for (const std::size_t channels : {1U, 7U, 16U, 50U}) {
        const Rows<float> x = noise(9, channels, 1);
        const Rows<float> shortcut = noise(9, channels, 2);
        const Rows<float> gates = noise(1, channels, 3);
        Rows<float> y = x;
        Rows<float> activated = noise(9, channels, 4);
        Rows<std::uint16_t> rounded;
        rounded.resize(9, channels);
        std::vector<float> sums(channels + 16);
        rows::Gating gating;
        gating.rows = y.row(0);
        gating.stride = y.stride;
        gating.instants = 9;
        gating.channels = channels;
        gating.gates = gates.row(0);
        gating.shortcut = shortcut.row(0);
        gating.shortcut_stride = shortcut.stride;
        gating.activated = activated.row(0);
        gating.activated_stride = activated.stride;
        gating.column_sums = sums.data();
        rows::gate_rows(gating);
        Rows<float> again = x;
        gating.rows = again.row(0);
        gating.activated = rounded.row(0);
        gating.activated_stride = rounded.stride;
        gating.rounded = true;
        gating.column_sums = nullptr;
        rows::gate_rows(gating);
        EXPECT_EQ(again.values, y.values);
        for (std::size_t c = 0; c < channels; ++c) {
            double sum = 0;
            for (std::size_t t = 0; t < 9; ++t) {
                const double right = double{x.row(t)[c]} * gates.row(0)[c] + shortcut.row(t)[c];
                sum += right;
                ASSERT_NEAR(y.row(t)[c], right, 1e-6);
                ASSERT_NEAR(activated.row(t)[c], right / (1 + std::exp(-right)), 1e-6);
                ASSERT_EQ(rounded.row(t)[c], rows::to_bfloat16(activated.row(t)[c]));
            }
            ASSERT_NEAR(sums[c], sum, 1e-5);
        }
        Rows<float> parts = x;  // in two
        gating.rows = parts.row(0);
        const Rows<std::uint16_t> whole = rounded;
        std::fill(rounded.values.begin(), rounded.values.end(), std::uint16_t{0});
        for (const std::size_t first : {0U, 4U}) {
            gating.first = first;
            gating.instants = first == 0 ? 4 : 5;
            gating.shortcut = shortcut.row(first);
            rows::gate_rows(gating);
        }
        EXPECT_EQ(parts.values, y.values);
        for (std::size_t t = 0; t < 9; ++t) {
            ASSERT_TRUE(std::equal(rounded.row(t), rounded.row(t) + channels, whole.row(t)));
        }
        // Behind the channels nothing is written.
        EXPECT_TRUE(std::equal(y.row(0) + channels, y.row(1), x.row(0) + channels));
    }
}

TEST_P(RowPasses, SwishAgreesWithItsFormulaFromEndToEnd) {
    std::vector<float> x;
    for (double value = -120; value <= 120; value += 0.01) x.push_back(static_cast<float>(value));
    x.insert(x.end(), {0.0F, -0.0F, 1e-30F, -1e-30F, 1e30F, -1e30F, NAN});
    const std::size_t count = x.size();
    x.resize(count + 16);
    auto y = x;
    std::vector<float> swish(x.size());
    const std::vector<float> ones(x.size(), 1.0F);
    const std::vector<float> zeros(x.size());
    rows::Gating gating;
    gating.rows = y.data();
    gating.instants = 1;
    gating.channels = count;
    gating.gates = ones.data();
    gating.shortcut = zeros.data();
    gating.activated = swish.data();
    rows::gate_rows(gating);
    EXPECT_TRUE(std::isnan(swish[count - 1]));
    for (std::size_t i = 0; i + 1 < count; ++i) {
        const double expected = x[i] / (1 + std::exp(-double{x[i]}));
        if (x[i] < -87) {  // beyond what float32's exponential holds: nothing is left
            ASSERT_NEAR(swish[i], 0, 2e-36) << x[i];
        } else {
            ASSERT_NEAR(swish[i], expected, 3e-7 * std::abs(expected) + 1e-36) << x[i];
        }
    }
}

TEST_P(RowPasses, PoolsWithZerosAroundTheWindow) {
    for (const std::size_t stride : {1U, 2U, 3U}) {
        for (const std::size_t instants : {1U, 2U, 5U, 20U}) {
            const Rows<float> x = noise(instants, 19, stride * 100 + instants);
            Rows<float> y = noise((instants + stride - 1) / stride, 40, 9);
            const std::size_t left = (y.instants * stride - instants) / 2;
            rows::pool_rows(x, stride, left, 0, y);
            for (std::size_t t = 0; t < y.instants; ++t) {
                for (std::size_t c = 0; c < 40; ++c) {
                    float right = c < 10 || c >= 29 ? 0.0F : -INFINITY;
                    for (std::size_t i = t * stride; c >= 10 && c < 29 && i < (t + 1) * stride;
                         ++i) {
                        const bool inside = i >= left && i - left < instants;
                        right = std::max(right, inside ? x.row(i - left)[c - 10] : 0.0F);
                    }
                    ASSERT_EQ(y.row(t)[c], right) << stride << " " << instants << " " << t;
                }
            }
            const std::size_t first = y.instants / 2;  // the rows from there on alone
            Rows<float> part = noise(y.instants - first, 40, 10);
            rows::pool_rows(x, stride, left, first, part);
            for (std::size_t t = first; t < y.instants; ++t) {
                ASSERT_TRUE(std::equal(y.row(t), y.row(t) + 40, part.row(t - first)));
            }
        }
    }
}

TEST_P(RowPasses, SigmoidAgreesWithItsFormula) {
    std::vector<float> x;
    for (double value = -120; value <= 120; value += 0.37) x.push_back(static_cast<float>(value));
    const std::size_t count = x.size();
    x.resize(count + 16);
    auto y = x;
    rows::sigmoid(y.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
        const double right = 1 / (1 + std::exp(-double{x[i]}));
        ASSERT_NEAR(y[i], right, 3e-7 * right + 2e-38) << x[i];
    }
}

TEST_P(RowPasses, RoundsNumbersOfEverySize) {
    std::vector<float> x = {0.0F, -0.0F, 1e-40F, 3e38F, INFINITY, -INFINITY, NAN, 1.00390625F};
    Random random(6, "round");
    while (x.size() < 77) x.push_back(static_cast<float>(std::exp(60 * random.normal())));
    std::vector<std::uint16_t> y(x.size());
    rows::round_rows(x.data(), y.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(y[i], rows::to_bfloat16(x[i])) << x[i];
}

TEST_P(RowPasses, BytesCoverTheRangeAndZeroIsExact) {
    Rows<float> x = noise(6, 21, 8);
    std::fill_n(x.row(2), 21, 0.0F);
    for (std::size_t c = 0; c < 21; ++c) x.row(3)[c] = std::abs(x.row(3)[c]);
    Rows<std::uint8_t> bytes;
    std::vector<float> scales(6);
    std::vector<std::int32_t> zeros(6);
    rows::rows_to_bytes(x, bytes, scales.data(), zeros.data());
    EXPECT_EQ(zeros[3], 0);
    for (std::size_t t = 0; t < 6; ++t) {
        for (std::size_t c = 0; c < 21; ++c) {
            const double back = (bytes.row(t)[c] - zeros[t]) * double{scales[t]};
            // A step at most: half for the number, half for the zero.
            ASSERT_NEAR(back, x.row(t)[c], scales[t] * 1.001);
            if (x.row(t)[c] == 0) {
                ASSERT_EQ(back, 0);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, RowPasses, ::testing::ValuesIn(instruction_sets()),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace clef
