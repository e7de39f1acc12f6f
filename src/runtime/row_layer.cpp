#include "runtime/row_layer.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.hpp"

namespace clef::rows {

namespace {

// Where the weight of output `o` of its group, tap and input of its group lies.
class Places {
  public:
    explicit Places(const RowLayer& layer) : layer_(layer) {}

    // The packed number of an output, which its bias and scale have too.
    std::size_t output(std::size_t channel) const {
        if (layer_.narrow) return channel;
        const std::size_t of_group = layer_.out / layer_.groups;
        return channel / of_group * layer_.panels * panel_lanes + channel % of_group;
    }
    std::size_t weight(std::size_t channel, std::size_t tap, std::size_t input) const {
        const std::size_t packed = output(channel);
        const std::size_t inputs_of_step = 4 / layer_.element();
        const std::size_t step = tap * layer_.steps + input / inputs_of_step;
        return packed / panel_lanes * layer_.panel_bytes() + step * panel_bytes_per_step +
               (packed % panel_lanes * inputs_of_step + input % inputs_of_step) * layer_.element();
    }

  private:
    const RowLayer& layer_;
};

// The largest magnitude becomes 127.
float byte_scale(const float* weights, std::size_t count) {
    float largest = 0;
    for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(weights[i]));
    return largest > 0 ? largest / 127 : 1;
}

void put_weight(RowLayer& layer, std::size_t place, std::size_t packed, float value) {
    std::uint8_t* to = layer.weights.data() + place;
    if (layer.precision == Precision::float32) {
        std::memcpy(to, &value, sizeof value);
    } else if (layer.precision == Precision::bfloat16) {
        const std::uint16_t bits = to_bfloat16(value);
        std::memcpy(to, &bits, sizeof bits);
    } else {
        const auto byte = static_cast<std::int8_t>(std::lrint(value / layer.scales[packed]));
        std::memcpy(to, &byte, sizeof byte);
        layer.sums[packed] += byte;
    }
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
    const Places places(layer);
    for (std::size_t o = 0; o < out; ++o) {
        const float* row = weight + o * inputs * kernel;
        const std::size_t packed = places.output(o);
        layer.bias[packed] = bias[o];
        if (precision == Precision::int8) layer.scales[packed] = byte_scale(row, inputs * kernel);
        for (std::size_t input = 0; input < inputs; ++input) {
            for (std::size_t tap = 0; tap < kernel; ++tap) {
                put_weight(layer, places.weight(o, tap, input), packed, row[input * kernel + tap]);
            }
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
