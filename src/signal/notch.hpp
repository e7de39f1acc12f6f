// A second-order IIR notch: a pair of zeros on the unit circle at the frequency to be removed, a
// pair of poles close behind them.
//
// Source: Orfanidis, "Introduction to Signal Processing", section 11.3 (equations 11.3.4–11.3.6),
// with the −3 dB width frequency / quality; as scipy.signal.iirnotch.
#pragma once

#include "signal/butterworth.hpp"

namespace clef {

// `quality` is the frequency over the −3 dB width; for zero_phase.hpp or any direct-form filter.
// Errors: InputError unless 0 < frequency < sampling_rate / 2 and quality is positive and finite.
FilterCoefficients notch_filter(double frequency, double quality, double sampling_rate);

}  // namespace clef
