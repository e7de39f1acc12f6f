#include "runtime/row_layer.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.hpp"

namespace clef::rows {

namespace {

// The packed number of an output, which its bias and scale have too.
std::size_t packed_output(const RowLayer& layer, std::size_t channel) {
    if (layer.narrow) return channel;
    const std::size_t of_group = layer.out / layer.groups;
    return channel / of_group * layer.panels * panel_lanes + channel % of_group;
}

// The largest magnitude becomes 127.
float byte_scale(const float* weights, std::size_t count) {
    float largest = 0;
    for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(weights[i]));
    return largest > 0 ? largest / 127 : 1;
}

// One output's weights (input, tap) as `rounded(weight)`, each to its place.
template <typename T, typename ROUNDED>
void put_weights(RowLayer& layer, std::size_t packed, const float* weights,
                 const ROUNDED& rounded) {
    constexpr std::size_t inputs_of_step = 4 / sizeof(T);
    const std::size_t inputs = layer.inputs_of_group();
    const std::size_t tap_bytes = layer.steps * panel_bytes_per_step;
    std::uint8_t* first = layer.weights.data() + packed / panel_lanes * layer.panel_bytes() +
                          packed % panel_lanes * 4;
    for (std::size_t input = 0; input < inputs; ++input) {
        std::uint8_t* to = first + input / inputs_of_step * panel_bytes_per_step +
                           input % inputs_of_step * sizeof(T);
        for (std::size_t tap = 0; tap < layer.kernel; ++tap, to += tap_bytes) {
            const T value = rounded(*weights++);
            std::memcpy(to, &value, sizeof value);
        }
    }
}

void put_bytes(RowLayer& layer, std::size_t packed, const float* weights) {
    const float scale = byte_scale(weights, layer.inputs_of_group() * layer.kernel);
    layer.scales[packed] = scale;
    std::int32_t sum = 0;
    put_weights<std::int8_t>(layer, packed, weights, [&](float weight) {
        const auto byte = static_cast<std::int8_t>(std::lrint(weight / scale));
        sum += byte;
        return byte;
    });
    layer.sums[packed] = sum;
}

void check_sums(const RowLayer& layer) {
    constexpr std::size_t most = 0x7FFFFFFFU / (127 * 255) / 2;  // half for the zero's part
    const std::size_t products = layer.kernel * layer.inputs_of_group();
    if (layer.precision != Precision::int8 || products <= most) return;
    fail_input("a layer sums {} products; int8 holds at most {}. Expected bfloat16 or float32",
               products, most);
}

}  // namespace

RowLayer pack_rows(const float* weight, const float* bias, std::size_t out, std::size_t in,
                   std::size_t groups, std::size_t kernel, std::size_t stride,
                   Precision precision) {
    RowLayer layer;
    layer.in = in;
    layer.out = out;
    layer.groups = groups;
    layer.kernel = kernel;
    layer.stride = stride;
    layer.precision = precision;
    check_sums(layer);
    layer.narrow = in == 4 * groups && out == 4 * groups && groups % 4 == 0;
    layer.panels = (layer.outputs_of_group() + panel_lanes - 1) / panel_lanes;
    const std::size_t inputs_of_step = 4 / layer.element();
    const std::size_t inputs = layer.inputs_of_group();
    layer.steps = (inputs + inputs_of_step - 1) / inputs_of_step;
    const std::size_t packed_outputs = layer.packed_groups() * layer.panels * panel_lanes;
    layer.weights.assign(packed_outputs / panel_lanes * layer.panel_bytes(), 0);
    layer.bias.assign(packed_outputs, 0);
    layer.scales.assign(precision == Precision::int8 ? packed_outputs : 0, 1);
    layer.sums.assign(layer.scales.size(), 0);
    for (std::size_t o = 0; o < out; ++o) {
        const float* row = weight + o * inputs * kernel;
        const std::size_t packed = packed_output(layer, o);
        layer.bias[packed] = bias[o];
        if (precision == Precision::float32) {
            put_weights<float>(layer, packed, row, [](float value) { return value; });
        } else if (precision == Precision::bfloat16) {
            put_weights<std::uint16_t>(layer, packed, row, to_bfloat16);
        } else {
            put_bytes(layer, packed, row);
        }
    }
    return layer;
}

std::uint16_t to_bfloat16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (std::isnan(value)) return static_cast<std::uint16_t>(bits >> 16 | 0x40U);
    return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16);
}

}  // namespace clef::rows
