// The numbers that an encoder's convolutions and linear layers are computed with. What lies between
// them (sums, swish, squeeze-excitation's gates, the residual stream, the mean) is float32 in each.
//
//   float32   the reference
//   bfloat16  weights and inputs of each layer rounded to bfloat16 (to nearest, ties to even),
//             products exact, their sums float32
//   int8      weights as signed bytes, one scale per output channel; inputs as unsigned bytes,
//   scale
//             and zero from the window itself: of a 1x1 convolution per instant, of a longer one
//             per group of channels; sums exact in 32 bits
//
// Inputs are measured per window, not beforehand on a calibration set: nothing has to be stored
// with the model, another device or lead cannot leave the range, and a window's result still
// depends on itself alone. The first convolution and a last dense layer, a few hundredths of the
// work, stay float32.
#pragma once

#include <string>

namespace clef {

enum class Precision { float32 = 0, bfloat16 = 1, int8 = 2 };  // as in include/clef/clef.h

// InputError that names the three for any other text.
Precision parse_precision(const std::string& text);
const char* precision_name(Precision precision);

}  // namespace clef
