// A convolution (a linear layer is one of kernel 1 over one instant) with its weights packed for
// row_convolution.hpp, in one of three precisions (precision.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/precision.hpp"
#include "runtime/rows.hpp"

namespace clef::rows {

// Outputs whose weights lie together: the lanes of the widest vectors.
constexpr std::size_t panel_lanes = 16;
constexpr std::size_t panel_bytes_per_step = panel_lanes * 4;

// Weights lie as [group][panel of 16 outputs][tap][step][16][inputs of a step], outputs and inputs
// that do not exist being zero. A step is what four bytes hold: 1 float32, 2 bfloat16 or 4 int8
// inputs, neighbours in a row. Of layers whose groups have four inputs and four outputs, four
// groups share a panel ("narrow"), each output's weights being those of its own group's inputs.
struct RowLayer {
    std::size_t in = 0;
    std::size_t out = 0;
    std::size_t groups = 1;
    std::size_t kernel = 1;
    std::size_t stride = 1;
    Precision precision = Precision::float32;
    bool narrow = false;

    std::size_t panels = 0;  // of a group; of all of them where narrow
    std::size_t steps = 0;   // of a tap
    Lines<std::uint8_t> weights;
    Lines<float> bias;  // by packed output: group × panels × 16, as are the next two
    // int8: a weight is its byte × scale; sums: of an output's bytes.
    Lines<float> scales;
    Lines<std::int32_t> sums;

    std::size_t packed_groups() const { return narrow ? 1 : groups; }
    std::size_t inputs_of_group() const { return in / groups; }
    std::size_t outputs_of_group() const { return narrow ? out : out / groups; }
    std::size_t panel_bytes() const { return kernel * steps * panel_bytes_per_step; }
    // Bytes that an input takes.
    std::size_t element() const { return element_bytes(precision); }
    static std::size_t element_bytes(Precision precision) {
        return precision == Precision::float32 ? 4 : precision == Precision::bfloat16 ? 2 : 1;
    }
};

// weight: (out, in ÷ groups, kernel) row-major, as PyTorch stores it. Errors: InputError where int8
// sums of so many products could leave 32 bits.
RowLayer pack_rows(const float* weight, const float* bias, std::size_t out, std::size_t in,
                   std::size_t groups, std::size_t kernel, std::size_t stride, Precision precision);

// Rounds to nearest, ties to even; NaN stays NaN.
std::uint16_t to_bfloat16(float value);

}  // namespace clef::rows
