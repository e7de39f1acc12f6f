#include "signal/zero_phase.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "signal/filter_lanes.hpp"
#include "signal/impulse_response.hpp"

namespace clef {

namespace {

// Direct form II transposed, in place. The number of delays is a template argument so that the
// inner loop unrolls and the state stays in registers.
template <std::size_t Delays>
void run_fixed(const double* b, const double* a, const double* start, std::span<double> samples) {
    std::array<double, Delays> state;
    std::copy_n(start, Delays, state.begin());
    for (double& sample : samples) {
        const double input = sample;
        const double output = b[0] * input + state[0];
        for (std::size_t i = 0; i + 1 < Delays; ++i) {
            state[i] = state[i + 1] + b[i + 1] * input - a[i + 1] * output;
        }
        state[Delays - 1] = b[Delays] * input - a[Delays] * output;
        sample = output;
    }
}

void run_any(const double* b, const double* a, std::vector<double> state,
             std::span<double> samples) {
    const std::size_t delays = state.size();
    state.push_back(0);
    for (double& sample : samples) {
        const double input = sample;
        const double output = b[0] * input + state[0];
        for (std::size_t i = 0; i < delays; ++i) {
            state[i] = state[i + 1] + b[i + 1] * input - a[i + 1] * output;
        }
        sample = output;
    }
}

// Solves z = A z + B for a constant input of 1 and the output it settles at: each state follows
// from the one behind it.
std::vector<double> steady_state_of(const std::vector<double>& b, const std::vector<double>& a,
                                    long double output) {
    std::vector<double> state(b.size() - 1);
    long double behind = 0;
    for (std::size_t i = state.size(); i-- > 0;) {
        behind += b[i + 1] - a[i + 1] * output;
        state[i] = static_cast<double>(behind);
    }
    return state;
}

// The signal between its odd reflections: 2 x[0] − x[k] before, 2 x[n−1] − x[n−1−k] behind.
// All less `offset`, `stride` places apart.
template <typename Sample>
void extend_oddly(std::span<const Sample> signal, std::size_t padding, double offset,
                  double* extended, std::size_t stride = 1) {
    const std::size_t n = signal.size();
    const double first = 2 * static_cast<double>(signal.front()) - offset;
    const double last = 2 * static_cast<double>(signal.back()) - offset;
    for (std::size_t k = 1; k <= padding; ++k) {
        extended[(padding - k) * stride] = first - static_cast<double>(signal[k]);
        extended[(padding + n - 1 + k) * stride] = last - static_cast<double>(signal[n - 1 - k]);
    }
    for (std::size_t i = 0; i < n; ++i) {
        extended[(padding + i) * stride] = static_cast<double>(signal[i]) - offset;
    }
}

template <typename Sample>
double mean_of(std::span<const Sample> signal) {
    double sum = 0;
    for (const Sample sample : signal) sum += static_cast<double>(sample);
    return sum / static_cast<double>(signal.size());
}

}  // namespace

ZeroPhaseFilter::ZeroPhaseFilter(const FilterCoefficients& coefficients)
    : b_(coefficients.b), a_(coefficients.a) {
    if (a_.empty() || b_.empty() || a_[0] == 0) {
        fail_input("filter coefficients: expected at least one of each kind and a[0] not zero");
    }
    const std::size_t length = std::max(a_.size(), b_.size());
    a_.resize(length);
    b_.resize(length);
    const double lead = a_[0];
    for (double& value : a_) value /= lead;
    for (double& value : b_) value /= lead;
    const long double gain = gain_at_zero({b_, a_});
    constant_gain_ = static_cast<double>(gain);
    steady_state_ = steady_state_of(b_, a_, gain);
}

void ZeroPhaseFilter::run(std::span<double> samples) const {
    std::vector<double> state = steady_state_;
    for (double& value : state) value *= samples.front();
    switch (state.size()) {
        case 8:  // band-pass of order 4
            return run_fixed<8>(b_.data(), a_.data(), state.data(), samples);
        case 10:  // band-pass of order 5
            return run_fixed<10>(b_.data(), a_.data(), state.data(), samples);
        default:
            return run_any(b_.data(), a_.data(), std::move(state), samples);
    }
}

void ZeroPhaseFilter::check_length(std::size_t samples) const {
    if (samples > padding()) return;
    fail_input("zero-phase filtering needs more than {} samples, found {}", padding(), samples);
}

template <typename Sample>
std::vector<Sample> ZeroPhaseFilter::apply_to(std::span<const Sample> signal) const {
    check_length(signal.size());
    // A constant passes with the gain at 0 Hz, so it goes round the filter: rounding in the states
    // grows with the signal's size, and with a narrow band-pass by another factor of 10^13.
    const double offset = mean_of(signal);
    const double passed = offset * constant_gain_ * constant_gain_;
    std::vector<double> extended(signal.size() + 2 * padding());
    extend_oddly(signal, padding(), offset, extended.data());
    for (int direction = 0; direction < 2; ++direction) {
        run(extended);
        std::reverse(extended.begin(), extended.end());
    }
    std::vector<Sample> result(signal.size());
    std::transform(extended.begin() + static_cast<std::ptrdiff_t>(padding()),
                   extended.end() - static_cast<std::ptrdiff_t>(padding()), result.begin(),
                   [passed](double value) { return static_cast<Sample>(value + passed); });
    return result;
}

void ZeroPhaseFilter::apply_lanes(std::span<std::vector<double>> signals) const {
    const std::size_t lanes = filter_lanes(signals.size());
    const std::size_t samples = signals.front().size();
    const std::size_t length = samples + 2 * padding();
    std::vector<double> values(length * lanes);
    std::vector<double> passed(signals.size());
    for (std::size_t i = 0; i < signals.size(); ++i) {
        const std::span<const double> signal(signals[i]);
        const double offset = mean_of(signal);
        passed[i] = offset * constant_gain_ * constant_gain_;
        extend_oddly(signal, padding(), offset, values.data() + i, lanes);
    }
    for (const bool backward : {false, true}) {
        filter_in_lanes({b_, a_, steady_state_}, values.data(), length, lanes, backward);
    }
    for (std::size_t n = 0; n < samples; ++n) {
        const double* row = values.data() + (padding() + n) * lanes;
        for (std::size_t i = 0; i < signals.size(); ++i) signals[i][n] = row[i] + passed[i];
    }
}

void ZeroPhaseFilter::apply_all(std::vector<std::vector<double>>& signals) const {
    for (const auto& signal : signals) {
        check_length(signal.size());
        if (signal.size() != signals.front().size()) {
            fail_input(
                "zero-phase filtering of signals together: {} and {} samples, expected equal",
                signals.front().size(), signal.size());
        }
    }
    if (!has_lane_filter(steady_state_.size())) {
        for (auto& signal : signals) signal = apply(std::span<const double>(signal));
        return;
    }
    const std::size_t lanes = filter_lanes(signals.size());
    for (std::size_t i = 0; i < signals.size(); i += lanes) {
        apply_lanes(std::span(signals).subspan(i, std::min(lanes, signals.size() - i)));
    }
}

std::vector<float> ZeroPhaseFilter::apply(std::span<const float> signal) const {
    return apply_to(signal);
}

std::vector<double> ZeroPhaseFilter::apply(std::span<const double> signal) const {
    return apply_to(signal);
}

}  // namespace clef
