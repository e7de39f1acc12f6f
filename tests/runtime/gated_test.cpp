// The kernels of transformers without biases, against the formulas in double.
#include "runtime/gated.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "base/instruction_sets.hpp"
#include "procedural.hpp"

namespace clef {
namespace {

std::vector<float> wide_values(const char* name, std::size_t count, float size) {
    std::vector<float> values = testing::procedural_input(name, count);
    for (float& value : values) value *= size;
    return values;
}

using Gate = void (*)(float* gate, const float* x, std::size_t count);

void expect_gate(Gate gate, double (*activation)(double)) {
    for (const char* set : instruction_sets()) {
        use_instruction_set(set);
        for (const std::size_t count : {1U, 7U, 16U, 83U}) {
            std::vector<float> values = wide_values("gate", count, 6);
            values[0] = -120;  // past where exp() ends
            const std::vector<float> gates = values;
            const std::vector<float> x = wide_values("x", count, 2);
            gate(values.data(), x.data(), count);
            for (std::size_t i = 0; i < count; ++i) {
                const double expected = activation(gates[i]) * x[i];
                EXPECT_NEAR(values[i], expected, 1e-6 * (1 + std::abs(expected))) << set;
            }
        }
    }
    use_instruction_set("");
}

}  // namespace

TEST(Gates, SiluIsTheGateTimesItsLogistic) {
    expect_gate(kernels::silu_gate, [](double g) { return g / (1 + std::exp(-g)); });
}

TEST(Gates, GeluIsTheTanhForm) {
    expect_gate(kernels::gelu_gate, [](double g) {
        const double inner = std::sqrt(2 / std::acos(-1.0)) * (g + 0.044715 * g * g * g);
        return 0.5 * g * (1 + std::tanh(inner));
    });
}

TEST(RmsNorm, DividesEachRowByItsRootMeanSquare) {
    const std::vector<float> x = wide_values("rows", 20, 3);
    const std::vector<float> weight = {1, 2, 3};
    std::vector<float> y(20, 7.0F);
    kernels::rms_norm(x.data(), 5, 4, 3, weight.data(), 0.5, y.data(), 5);
    for (std::size_t row = 0; row < 4; ++row) {
        double squares = 0;
        for (std::size_t i = 0; i < 3; ++i) squares += std::pow(x[row * 5 + i], 2);
        for (std::size_t i = 0; i < 3; ++i) {
            const double expected = x[row * 5 + i] * weight[i] / std::sqrt(squares / 3 + 0.5);
            EXPECT_NEAR(y[row * 5 + i], expected, 1e-6);
        }
        EXPECT_EQ(y[row * 5 + 3], 7);  // what lies between the rows is left alone
    }
}

}  // namespace clef
