// Butterworth filters as the coefficients of a difference equation.
//
// Analogue prototype, frequency transformation and bilinear transformation with pre-warped corner
// frequencies (Oppenheim and Schafer, "Discrete-Time Signal Processing", chapter 7), as
// scipy.signal.butter does with output='ba'. The design runs in extended precision and is rounded
// to double once: an order-10 band-pass that begins near 0 Hz is so sensitive to the last bits of
// its coefficients that designs which round at every step differ by 1e-3 of full scale in what they
// let through below the pass band.
#pragma once

#include <vector>

namespace clef {

// y[n] = Σ b[k] x[n−k] − Σ a[k] y[n−k], k from 1 in the second sum; a[0] = 1.
struct FilterCoefficients {
    std::vector<double> b;  // numerator
    std::vector<double> a;  // denominator, as long as b
};

// `order` is the prototype's, 1 to 12: a band-pass has twice as many poles. Frequencies in Hz.
// Errors: InputError unless 0 < low < high < sampling_rate / 2.
FilterCoefficients butterworth_band_pass(int order, double low, double high, double sampling_rate);
FilterCoefficients butterworth_low_pass(int order, double cutoff, double sampling_rate);
FilterCoefficients butterworth_high_pass(int order, double cutoff, double sampling_rate);

// The same filters as sections of first and second order, to be run one after the other: a
// recursion that runs for days (causal.hpp) needs them, for the rounded coefficients of one long
// section may have poles outside the unit circle.
std::vector<FilterCoefficients> butterworth_band_pass_sections(int order, double low, double high,
                                                               double sampling_rate);
std::vector<FilterCoefficients> butterworth_low_pass_sections(int order, double cutoff,
                                                              double sampling_rate);
std::vector<FilterCoefficients> butterworth_high_pass_sections(int order, double cutoff,
                                                               double sampling_rate);

}  // namespace clef
