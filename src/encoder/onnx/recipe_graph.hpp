// Steps of a recipe as ONNX nodes, batch × leads × samples in and out.
#pragma once

#include <string>

#include "encoder/onnx/graph.hpp"
#include "encoder/recipe.hpp"
#include "signal/butterworth.hpp"

namespace clef::onnx {

// (x − mean) ÷ (population deviation + epsilon), per lead or over all leads.
std::string add_z_score(Graph& graph, const std::string& input, const Recipe& recipe);

// A filter run forward and backward over a window of `samples`, as signal/zero_phase.hpp does it.
//
// ONNX has no recursion, but over a fixed window the recursion is a convolution with as many taps
// of the impulse response as the window with its reflected ends has samples: 20 kB of constants
// instead of the 100 MB of the operator's matrix, and exact but for float32's rounding. The state
// that each run starts in is that of the signal's first sample having lasted forever, which passes
// with the gain at 0 Hz.
//   forward   f[t] = Σ h[k] (x[t−k] − x[0]) + g x[0]
//   backward  y[t] = Σ h[k] (f[t+k] − f[n−1]) + g f[n−1]
// `name` begins the names of its nodes. Errors: InputError for a window that is too short to
// reflect (zero_phase.hpp).
std::string add_zero_phase(Graph& graph, const std::string& input, const std::string& name,
                           const FilterCoefficients& filter, int leads, std::size_t samples);

}  // namespace clef::onnx
